/** Paying at the card reader: what the reader does, in words, and the ways on when it no longer waits for a card. */
import { CircleAlert, CreditCard, LoaderCircle, Nfc, Smartphone, WifiOff } from 'lucide-react';
import type { PurchaseView } from '../../../src-shared/visit.ts';
import { Button } from '../../components/Button.tsx';
import { Notice } from '../../components/Notice.tsx';
import choices from '../frame/choices.module.css';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { DemoLink } from './DemoLink.tsx';
import css from './Payment.module.css';
import { PaymentStatus } from './PaymentStatus.tsx';

const ICONS = { creating: LoaderCircle, waiting: Nfc, idle: CircleAlert, offline: WifiOff } as const;

export function ReaderPayment(props: { purchase: PurchaseView }) {
  const { purchase } = props;
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  const isOpen = purchase.status === 'pending' || purchase.status === 'creating';
  if (!isOpen) return <PaymentStatus status={purchase.status} />;
  const state = purchase.status === 'creating' ? 'creating' : (purchase.reader ?? 'idle');
  const Icon = ICONS[state];
  const wasDeclined = state === 'idle' && purchase.lastPaymentError !== null;
  return (
    <div className={css['payment']}>
      <div className={css['scan']}>
        <span className={css['reader']} data-state={state}>
          <Icon aria-hidden="true" />
        </span>
      </div>
      <div className={css['words']}>
        {wasDeclined ? (
          <Notice title={t('pay.reader.declined')} testId="payment-declined">
            {purchase.lastPaymentError && t('pay.bankSays', { reason: purchase.lastPaymentError })}
          </Notice>
        ) : (
          <>
            <p className={css['status']} role="status" data-testid="reader-state" data-state={state}>
              {t(`pay.reader.${state}`)}
            </p>
            <p>{t(`pay.reader.${state}Line`)}</p>
          </>
        )}
        {(state === 'idle' || state === 'offline') && (
          <div className={choices['row']}>
            <Button
              kind="primary"
              icon={CreditCard}
              busy={busy}
              onPress={() => send({ type: 'chooseWay', way: 'reader' })}
              testId="action-reader-again"
            >
              {t('pay.reader.again')}
            </Button>
            <Button
              icon={Smartphone}
              busy={busy}
              onPress={() => send({ type: 'chooseWay', way: 'phone' })}
              testId="action-pay-by-phone"
            >
              {t('pay.phone')}
            </Button>
          </div>
        )}
        {state === 'waiting' && snapshot.demo.payments && purchase.readerUrl && (
          <DemoLink href={purchase.readerUrl} label={t('pay.reader.demo')} testId="demo-reader" />
        )}
      </div>
    </div>
  );
}
