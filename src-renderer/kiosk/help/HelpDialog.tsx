/** How it works, in five lines, on every customer screen. */
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { useWords } from '../frame/use-words.ts';
import css from './HelpDialog.module.css';

const LINES = ['buy', 'talk', 'clock', 'keep', 'staff'] as const;

export function HelpDialog(props: { onClose(): void }) {
  const { t } = useWords();
  return (
    <Dialog
      title={t('help.title')}
      onClose={props.onClose}
      testId="help-dialog"
      actions={
        <Button kind="primary" onPress={props.onClose}>
          {t('common.close')}
        </Button>
      }
    >
      <ul className={css['lines']}>
        {LINES.map((line) => (
          <li key={line}>{t(`help.${line}`)}</li>
        ))}
      </ul>
    </Dialog>
  );
}
