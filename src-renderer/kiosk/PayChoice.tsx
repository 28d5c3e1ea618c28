/** How to pay: with the phone, or at the card reader beside the screen. Also shown during a talk. */
import { CreditCard, Smartphone } from 'lucide-react';
import { Choice } from './Choice.tsx';
import css from './Payment.module.css';
import { useWords } from './use-words.ts';
import { useVisit } from './visit-context.tsx';

export function PayChoice() {
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  return (
    <div className={css['ways']}>
      <Choice
        icon={Smartphone}
        title={t('pay.phone')}
        line={t('pay.phoneLine')}
        availability={snapshot.services.buy}
        busy={busy}
        testId="choose-phone"
        onChoose={() => send({ type: 'chooseWay', way: 'phone' })}
      />
      <Choice
        icon={CreditCard}
        title={t('pay.reader.choose')}
        line={t('pay.reader.chooseLine')}
        availability={snapshot.services.reader}
        busy={busy}
        testId="choose-reader"
        onChoose={() => send({ type: 'chooseWay', way: 'reader' })}
      />
    </div>
  );
}
