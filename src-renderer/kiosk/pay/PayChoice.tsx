/** How to pay: with the phone, at the card reader, or with a card typed here. Also shown during a talk. */
import { CreditCard, Keyboard, Smartphone } from 'lucide-react';
import { Choice } from '../frame/Choice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './Payment.module.css';

export function PayChoice() {
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  const { buy, here, reader } = snapshot.services;
  return (
    <div className={css['ways']}>
      <Choice
        icon={Smartphone}
        title={t('pay.phone')}
        line={t('pay.phoneLine')}
        availability={buy}
        busy={busy}
        testId="choose-phone"
        onChoose={() => send({ type: 'chooseWay', way: 'phone' })}
      />
      {(reader.ok || reader.reason !== 'no_reader') && (
        <Choice
          icon={CreditCard}
          title={t('pay.reader.choose')}
          line={t('pay.reader.chooseLine')}
          availability={reader}
          busy={busy}
          testId="choose-reader"
          onChoose={() => send({ type: 'chooseWay', way: 'reader' })}
        />
      )}
      {(here.ok || here.reason !== 'not_offered') && (
        <Choice
          icon={Keyboard}
          title={t('pay.here.choose')}
          line={t('pay.here.chooseLine')}
          availability={here}
          busy={busy}
          testId="choose-here"
          onChoose={() => send({ type: 'chooseWay', way: 'here' })}
        />
      )}
    </div>
  );
}
