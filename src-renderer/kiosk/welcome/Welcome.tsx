/** Two large choices: buy time, or use a code; beneath them the quiet one: how much time is on my code. */
import { Hourglass, ShoppingBag, Ticket } from 'lucide-react';
import { Button } from '../../components/Button.tsx';
import { Choice } from '../frame/Choice.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { cheapest } from '../pay/package-figures.ts';
import css from './Welcome.module.css';

export function Welcome() {
  const { t, time, price } = useWords();
  const { snapshot, send, busy } = useVisit();
  const { buy, activate } = snapshot.services;
  const first = cheapest(snapshot.packages);
  const buyLine = first
    ? t('welcome.buyFrom', {
        price: price(first.priceCents, first.currency),
        time: time(first.paidSeconds + first.bonusSeconds),
      })
    : t('welcome.buyLine');
  return (
    <Frame title={t('welcome.title')} line={t('welcome.line')} back={false}>
      <ProblemNotice />
      <div className={css['choices']}>
        <Choice
          icon={ShoppingBag}
          title={t('welcome.buy')}
          line={buyLine}
          availability={buy}
          busy={busy}
          testId="choose-buy"
          onChoose={() => send({ type: 'chooseBuy' })}
        />
        <Choice
          icon={Ticket}
          title={t('welcome.code')}
          line={t('welcome.codeLine')}
          availability={activate}
          busy={busy}
          testId="choose-code"
          onChoose={() => send({ type: 'chooseCode' })}
        />
      </div>
      <div className={css['quiet']}>
        <Button
          kind="quiet"
          icon={Hourglass}
          disabled={!activate.ok}
          onPress={() => send({ type: 'chooseCode' })}
          testId="choose-balance"
        >
          {t('welcome.balance')}
        </Button>
      </div>
    </Frame>
  );
}
