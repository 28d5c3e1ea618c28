/** A table that sorts by its heads, filters, and goes out as CSV with just the rows that are shown. */
import { ArrowDown, ArrowUp, Download } from 'lucide-react';
import { download, toCsv } from './csv.ts';
import css from './ReportTable.module.css';
import { type Column, shownRows, textOf } from './rows.ts';
import type { ViewState } from './view-state.ts';

interface ReportTableProps<Row> {
  name: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  empty: string;
  view: ViewState;
  show(change: Partial<ViewState>): void;
}

export function ReportTable<Row extends { at: string }>(props: ReportTableProps<Row>) {
  const { columns, view, show } = props;
  const rows = shownRows(props.rows, columns, view);
  const exportRows = () => {
    const text = toCsv(
      columns.map(({ head }) => head),
      rows.map((row) => columns.map((column) => column.value(row))),
    );
    download(`mindbot-${props.name}-${new Date().toISOString().slice(0, 10)}.csv`, text);
  };
  return (
    <section aria-label={props.name}>
      <div className={css['tools']}>
        <input
          type="search"
          aria-label="Show only rows with these words"
          placeholder="Filter"
          value={view.filter}
          data-testid="admin-filter"
          onChange={(event) => show({ filter: event.target.value })}
        />
        <p role="status">{`${rows.length} of ${props.rows.length}`}</p>
        <button type="button" onClick={exportRows} disabled={rows.length === 0} data-testid="admin-export">
          <Download aria-hidden="true" /> Export CSV
        </button>
      </div>
      <table className={css['table']} data-testid={`admin-rows-${props.name}`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <SortHead key={column.id} column={column} view={view} show={show} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // Two rows may be alike to the second; the list is replaced as a whole.
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no id of their own
            <tr key={`${row.at}-${index}`}>
              {columns.map((column) => (
                <td key={column.id} data-numeric={column.numeric || undefined}>
                  {textOf(column, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && (
        <p className={css['empty']} data-testid="admin-empty">
          {props.rows.length === 0 ? props.empty : 'No row has these words'}
        </p>
      )}
    </section>
  );
}

function SortHead<Row>(props: {
  column: Column<Row>;
  view: ViewState;
  show(change: Partial<ViewState>): void;
}) {
  const { column, view, show } = props;
  const sorted = view.sort === column.id;
  const Arrow = view.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={sorted ? (view.descending ? 'descending' : 'ascending') : 'none'}
      data-numeric={column.numeric || undefined}
    >
      <button
        type="button"
        onClick={() => show({ sort: column.id, descending: sorted ? !view.descending : true })}
      >
        {column.head}
        <span className={css['arrow']}>{sorted && <Arrow aria-hidden="true" />}</span>
      </button>
    </th>
  );
}
