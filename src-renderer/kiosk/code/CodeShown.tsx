/** The code, once: three groups, huge, with a square for the phone, print, and read aloud. Then on to talking. */
import { Printer, Volume2 } from 'lucide-react';
import { formatCode } from '../../../src-shared/activation-code.ts';
import { Button } from '../../components/Button.tsx';
import { QrCode } from '../../components/QrCode.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { BigCode } from './BigCode.tsx';
import css from './CodeShown.module.css';
import { PrintSlip } from './PrintSlip.tsx';
import { useReadAloud } from './read-aloud.ts';

export function CodeShown() {
  const { t, locale, longTime } = useWords();
  const { snapshot, send, busy } = useVisit();
  const readCode = useReadAloud(locale);
  const { code, purchase } = snapshot;
  const tier = purchase?.package;
  const seconds = tier ? tier.paidSeconds + tier.bonusSeconds : undefined;
  const line = seconds === undefined ? t('code.lineShort') : t('code.line', { time: longTime(seconds) });
  return (
    <Frame
      title={t('code.title')}
      line={line}
      back={false}
      confirmStartOver
      primary={
        <Button
          kind="primary"
          busy={busy}
          onPress={() => send({ type: 'activate' })}
          testId="action-activate"
        >
          {t('code.start')}
        </Button>
      }
    >
      <ProblemNotice />
      {code && (
        <div className={css['code']}>
          <BigCode code={code} label={t('code.label')} />
          <div className={css['beside']}>
            <div className={css['square']}>
              <QrCode text={formatCode(code)} label={t('code.qr')} testId="code-qr" />
            </div>
            <div className={css['ways']}>
              <p>{t('code.keep')}</p>
              <div className={css['buttons']}>
                <Button icon={Printer} onPress={() => window.print()} testId="action-print">
                  {t('common.print')}
                </Button>
                {readCode && (
                  <Button icon={Volume2} onPress={() => readCode(code)} testId="action-read">
                    {t('code.read')}
                  </Button>
                )}
              </div>
            </div>
          </div>
          <PrintSlip code={code} {...(seconds === undefined ? {} : { remainingSeconds: seconds })} />
        </div>
      )}
    </Frame>
  );
}
