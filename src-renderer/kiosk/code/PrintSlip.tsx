/** The slip that comes out of the printer: code, its square, and the time on it. On the screen it is not shown. */
import { createPortal } from 'react-dom';
import { formatCode } from '../../../src-shared/activation-code.ts';
import { QrCode } from '../../components/QrCode.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './PrintSlip.module.css';

export function PrintSlip(props: {
  code: string | null;
  remainingSeconds?: number;
  chargedSeconds?: number;
}) {
  const { t, time, date } = useWords();
  const { snapshot } = useVisit();
  const { code } = props;
  return createPortal(
    <div className={css['slip']} aria-hidden="true">
      <p className={css['title']}>{t('print.title')}</p>
      {props.chargedSeconds !== undefined && <p>{`${t('print.talked')}: ${time(props.chargedSeconds)}`}</p>}
      {props.remainingSeconds !== undefined && <p>{`${t('print.has')}: ${time(props.remainingSeconds)}`}</p>}
      {code && (
        <>
          <p>{t('print.code')}</p>
          <p className={css['code']} dir="ltr">
            {formatCode(code)}
          </p>
          <div className={css['square']}>
            <QrCode text={formatCode(code)} label="" />
          </div>
          <p>{t('print.keep')}</p>
        </>
      )}
      {snapshot.demo.payments && <p>{t('print.demo')}</p>}
      <p>{t('print.printed', { date: date(new Date().toISOString()) })}</p>
    </div>,
    document.body,
  );
}
