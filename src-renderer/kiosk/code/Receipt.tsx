/** After the talk: how long it was, what is left, and the code that opens it again. */
import { MessageCircle, Printer } from 'lucide-react';
import { formatCode } from '../../../src-shared/activation-code.ts';
import { Button } from '../../components/Button.tsx';
import { QrCode } from '../../components/QrCode.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { UnavailableNotice } from '../frame/UnavailableNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { BigCode } from './BigCode.tsx';
import { PrintSlip } from './PrintSlip.tsx';
import css from './Receipt.module.css';

export function Receipt() {
  const { t, time } = useWords();
  const { snapshot, send, busy } = useVisit();
  const { receipt, code, services } = snapshot;
  const left = receipt?.remainingSeconds ?? 0;
  const talkOn = left > 0 && (
    <Button
      icon={MessageCircle}
      disabled={!services.talk.ok}
      busy={busy}
      onPress={() => send({ type: 'startTalk' })}
      testId="action-talk-on"
    >
      {t('receipt.talkOn')}
    </Button>
  );
  return (
    <Frame
      title={receipt?.endReason === 'time_up' ? t('receipt.titleTimeUp') : t('receipt.title')}
      line={receipt ? t(`receipt.why.${receipt.endReason}`) : undefined}
      back={false}
      startOver={false}
      primary={
        <>
          <Button kind="primary" onPress={() => send({ type: 'finish' })} testId="action-finish">
            {t('receipt.done')}
          </Button>
          {talkOn}
        </>
      }
    >
      <ProblemNotice />
      {left > 0 && <UnavailableNotice availability={services.talk} />}
      <div className={css['columns']}>
        {receipt && (
          <dl className={css['figures']}>
            <div>
              <dt>{t('receipt.talked')}</dt>
              <dd data-testid="talked-seconds" data-seconds={receipt.chargedSeconds}>
                {time(receipt.chargedSeconds)}
              </dd>
            </div>
            <div>
              <dt>{t('receipt.left')}</dt>
              <dd data-testid="receipt-remaining" data-seconds={left}>
                {time(left)}
              </dd>
            </div>
          </dl>
        )}
        {code && left > 0 && (
          <div className={css['code']}>
            <BigCode code={code} label={t('code.label')} />
            <div className={css['beside']}>
              <div className={css['square']}>
                <QrCode text={formatCode(code)} label={t('code.qr')} />
              </div>
              <div className={css['ways']}>
                <p>{t('receipt.keep')}</p>
                <div>
                  <Button icon={Printer} onPress={() => window.print()} testId="action-print">
                    {t('common.print')}
                  </Button>
                </div>
              </div>
            </div>
          </div>
        )}
      </div>
      {receipt && !receipt.settled && (
        <p className={css['soft']} role="status">
          {t('receipt.settling')}
        </p>
      )}
      {!code && left > 0 && <p className={css['soft']}>{t('receipt.keep')}</p>}
      {left === 0 && <p className={css['soft']}>{t('receipt.nothingLeft')}</p>}
      {receipt && <PrintSlip code={code} remainingSeconds={left} chargedSeconds={receipt.chargedSeconds} />}
    </Frame>
  );
}
