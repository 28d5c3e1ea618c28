/** The report of today: figures against yesterday at the same time, two charts by the hour, and the rows behind them. */
import { LogOut, Printer, RefreshCw } from 'lucide-react';
import type { TodayReport } from '../../src-shared/database.ts';
import { Notice } from '../components/Notice.tsx';
import { money, shortDuration } from '../i18n/format.ts';
import type { AdminClient } from './client.ts';
import { salesColumns, talkColumns } from './columns.ts';
import { Figure } from './Figure.tsx';
import { HourChart } from './HourChart.tsx';
import { ReportTable } from './ReportTable.tsx';
import css from './Today.module.css';
import { useReport } from './use-report.ts';
import { useView } from './view-state.ts';

const UNITS = { hour: 'h', minute: 'min', second: 's' };

interface TodayProps {
  client: AdminClient;
  email: string;
  onSignOut(): void;
  onEnded(): void;
}

export function Today(props: TodayProps) {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { report, fault, busy, refresh } = useReport(props.client, timeZone, props.onEnded);
  return (
    <main className={css['page']} data-testid="admin-today">
      <header className={css['head']}>
        <h1>Today</h1>
        {report && <p className={css['period']}>{periodText(report)}</p>}
        <div className={css['tools']}>
          <button type="button" onClick={refresh} aria-busy={busy} data-testid="admin-refresh">
            <RefreshCw aria-hidden="true" /> Refresh
          </button>
          <button type="button" onClick={() => window.print()}>
            <Printer aria-hidden="true" /> Print
          </button>
          <button type="button" onClick={props.onSignOut} title={props.email} data-testid="admin-sign-out">
            <LogOut aria-hidden="true" /> Sign out
          </button>
        </div>
      </header>
      {fault && (
        <Notice title="The records are out of reach right now.">
          {report ? 'You see the figures from the last time we reached them.' : 'We keep trying.'}
        </Notice>
      )}
      {report && <Report report={report} />}
      {!report && !fault && <p role="status">Adding up today</p>}
    </main>
  );
}

function Report(props: { report: TodayReport }) {
  const { report } = props;
  const [view, show] = useView();
  const { today, yesterday, currency, timeZone } = report;
  const asMoney = (cents: number) => money(cents, currency, 'en');
  const asTime = (seconds: number) => shortDuration(Math.round(seconds), UNITS);
  const asCount = (count: number) => String(count);
  return (
    <>
      <section className={css['figures']} aria-label="Figures of today">
        <Figure
          name="Revenue"
          id="revenue"
          now={today.salesCents}
          before={yesterday.salesCents}
          format={asMoney}
          onOpen={() => show({ table: 'sales' })}
        />
        <Figure
          name="Sales"
          id="sales"
          now={today.salesCount}
          before={yesterday.salesCount}
          format={asCount}
          onOpen={() => show({ table: 'sales' })}
        />
        <Figure
          name="Time talked"
          id="talk-time"
          now={today.talkSeconds}
          before={yesterday.talkSeconds}
          format={asTime}
          onOpen={() => show({ table: 'talks' })}
        />
        <Figure
          name="Talks"
          id="talks"
          now={today.talks}
          before={yesterday.talks}
          format={asCount}
          onOpen={() => show({ table: 'talks' })}
        />
      </section>
      <section className={css['charts']} aria-label="By the hour">
        <HourChart
          title="Revenue by the hour"
          empty="No sales yet today"
          hours={report.hours.map(({ hour, salesCents }) => ({ hour, value: salesCents }))}
          format={asMoney}
        />
        <HourChart
          title="Time talked by the hour"
          empty="No talks yet today"
          hours={report.hours.map(({ hour, talkSeconds }) => ({ hour, value: talkSeconds }))}
          format={asTime}
        />
      </section>
      <nav className={css['tabs']} aria-label="Rows behind the figures">
        {(['sales', 'talks'] as const).map((table) => (
          <button
            key={table}
            type="button"
            aria-pressed={view.table === table}
            data-testid={`admin-table-${table}`}
            onClick={() => show({ table, sort: 'at', descending: true, filter: '' })}
          >
            {table === 'sales' ? 'Sales' : 'Talks'}
          </button>
        ))}
      </nav>
      {view.table === 'sales' ? (
        <ReportTable
          name="sales"
          rows={report.sales}
          columns={salesColumns(currency, timeZone)}
          empty="No sales yet today"
          view={view}
          show={show}
        />
      ) : (
        <ReportTable
          name="talks"
          rows={report.talkRows}
          columns={talkColumns(timeZone)}
          empty="No talks yet today"
          view={view}
          show={show}
        />
      )}
    </>
  );
}

function periodText(report: TodayReport): string {
  const { timeZone } = report;
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone }).format(new Date(report.from));
  const until = new Intl.DateTimeFormat('en', { timeStyle: 'short', timeZone }).format(new Date(report.to));
  return `${day}, until ${until} (${timeZone}), compared with yesterday until the same time`;
}
