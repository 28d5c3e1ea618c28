/** "Are you still there?" with the seconds that are left, before the screen is cleared. */
import { useTranslation } from 'react-i18next';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useVisit } from '../frame/visit-context.tsx';
import css from './StillThere.module.css';

export function StillThere() {
  const { t } = useTranslation();
  const { snapshot, send } = useVisit();
  const seconds = snapshot.stillThere?.secondsLeft ?? 0;
  return (
    <Dialog
      title={t('stillThere.title')}
      line={t('stillThere.line')}
      testId="still-there"
      onClose={() => send({ type: 'stillHere' })}
      actions={
        <>
          <Button kind="primary" onPress={() => send({ type: 'stillHere' })} testId="action-still-here">
            {t('stillThere.yes')}
          </Button>
          <Button onPress={() => send({ type: 'startOver' })} testId="action-i-am-done">
            {t('stillThere.no')}
          </Button>
        </>
      }
    >
      <p className={css['count']} role="timer">
        {t('stillThere.seconds', { count: seconds })}
      </p>
    </Dialog>
  );
}
