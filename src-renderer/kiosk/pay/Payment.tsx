/** Paying: by phone the square to scan, the three steps, and how the payment stands, live. Also shown during a talk. */
import type { PurchaseView } from '../../../src-shared/visit.ts';
import { classes } from '../../components/classes.ts';
import { Notice } from '../../components/Notice.tsx';
import { QrCode } from '../../components/QrCode.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { DemoLink } from './DemoLink.tsx';
import { HerePayment } from './HerePayment.tsx';
import { PayChoice } from './PayChoice.tsx';
import css from './Payment.module.css';
import { PaymentStatus } from './PaymentStatus.tsx';
import { ReaderPayment } from './ReaderPayment.tsx';

/** The payment in whichever way: the choice, the reader, the card fields, or the phone. */
export function Payment(props: { purchase: PurchaseView }) {
  const { purchase } = props;
  if (purchase.way === null) return <PayChoice />;
  if (purchase.way === 'reader') return <ReaderPayment purchase={purchase} />;
  if (purchase.way === 'here') return <HerePayment purchase={purchase} />;
  return <PhonePayment purchase={purchase} />;
}

function PhonePayment(props: { purchase: PurchaseView }) {
  const { purchase } = props;
  const { t, clock } = useWords();
  const { snapshot } = useVisit();
  const open = purchase.status === 'pending' && purchase.checkoutUrl !== null;
  return (
    <div className={css['payment']}>
      <div className={css['scan']}>
        <div className={classes(css['square'], !open && css['faded'])}>
          {purchase.checkoutUrl ? (
            <QrCode text={purchase.checkoutUrl} label={t('pay.qr')} testId="checkout-qr" />
          ) : (
            <span className={css['placeholder']} />
          )}
        </div>
        {purchase.checkoutUrl && <Address url={purchase.checkoutUrl} />}
      </div>
      <div className={css['words']}>
        <PaymentStatus status={purchase.status} />
        {purchase.lastPaymentError !== null && (
          <Notice title={t('pay.declined')} testId="payment-declined">
            {purchase.lastPaymentError && t('pay.bankSays', { reason: purchase.lastPaymentError })}
          </Notice>
        )}
        {/* Who has been declined knows the way; now only the cause counts. */}
        {purchase.lastPaymentError === null && (
          <ol className={css['steps']}>
            <li>{t('pay.step1')}</li>
            <li>{t('pay.step2')}</li>
            <li>{snapshot.screen === 'talk' ? t('pay.step3TopUp') : t('pay.step3')}</li>
          </ol>
        )}
        {open && purchase.expiresAt && (
          <p className={css['small']}>{t('pay.until', { time: clock(purchase.expiresAt) })}</p>
        )}
        {open && snapshot.demo.payments && purchase.checkoutUrl && (
          <DemoLink href={purchase.checkoutUrl} label={t('pay.demo')} testId="demo-checkout" />
        )}
      </div>
    </div>
  );
}

function Address(props: { url: string }) {
  const { t } = useWords();
  return (
    <p className={css['small']}>
      {t('pay.address')}
      <bdi className={css['address']} dir="ltr" data-testid="checkout-address">
        {props.url}
      </bdi>
    </p>
  );
}
