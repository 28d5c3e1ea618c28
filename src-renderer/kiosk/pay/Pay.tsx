/** Paying: choosing how, with the phone, at the card reader, or with a card typed here. Waits by itself; leaving ends the payment. */
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { Payment } from './Payment.tsx';

const TITLES = {
  choice: 'pay.choose',
  phone: 'pay.title',
  reader: 'pay.reader.title',
  here: 'pay.here.title',
} as const;

export function Pay() {
  const { t, time, price, isolated } = useWords();
  const { snapshot } = useVisit();
  const { purchase, problem } = snapshot;
  const tier = purchase?.package;
  const line = tier
    ? t('pay.line', {
        name: isolated(tier.name),
        time: time(tier.paidSeconds + tier.bonusSeconds),
        price: price(tier.priceCents, tier.currency),
      })
    : undefined;
  return (
    <Frame title={t(TITLES[purchase?.way ?? 'choice'])} line={line}>
      {/* A decline is told by the payment itself, with the bank's words. */}
      {problem?.code !== 'payment_declined' && <ProblemNotice />}
      {purchase && <Payment purchase={purchase} />}
    </Frame>
  );
}
