/** Buying more time over the conversation, which goes on behind it. */
import type { TalkView } from '../../../src-shared/visit.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { PackageList } from '../pay/PackageList.tsx';
import { Payment } from '../pay/Payment.tsx';

export function TopUp(props: { step: NonNullable<TalkView['topUp']> }) {
  const { t } = useWords();
  const { snapshot, send } = useVisit();
  const { purchase } = snapshot;
  const close = () => send({ type: 'closeTopUp' });
  return (
    <Dialog
      title={t('talk.topUpTitle')}
      line={t('talk.topUpLine')}
      onClose={close}
      size="large"
      testId="top-up"
      actions={
        <>
          {props.step === 'pay' && (
            <Button onPress={() => send({ type: 'back' })} testId="top-up-back">
              {t('pay.again')}
            </Button>
          )}
          <Button onPress={close} testId="action-close-top-up">
            {t('talk.topUpDone')}
          </Button>
        </>
      }
    >
      {props.step === 'packages' && (
        <PackageList onChoose={(packageId) => send({ type: 'choosePackage', packageId })} />
      )}
      {props.step === 'pay' && purchase && <Payment purchase={purchase} />}
    </Dialog>
  );
}
