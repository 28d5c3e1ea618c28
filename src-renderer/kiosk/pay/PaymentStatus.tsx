/** How a payment stands, in a few words. One that failed is not shown: the visit goes back and says why. */
import { Check, Hourglass, LoaderCircle, Smartphone } from 'lucide-react';
import type { PurchaseView } from '../../../src-shared/visit.ts';
import { useWords } from '../frame/use-words.ts';
import css from './Payment.module.css';

const STATUS_ICONS = {
  creating: LoaderCircle,
  pending: Smartphone,
  processing: Hourglass,
  paid: Check,
} as const;

export function PaymentStatus(props: { status: PurchaseView['status'] }) {
  const { t } = useWords();
  const { status } = props;
  if (status === 'failed' || status === 'expired' || status === 'refunded') return null;
  const Icon = STATUS_ICONS[status];
  return (
    <p className={css['status']} role="status" data-testid="payment-status" data-status={status}>
      <Icon aria-hidden="true" />
      {t(`pay.status.${status}`)}
    </p>
  );
}
