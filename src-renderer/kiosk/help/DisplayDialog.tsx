/** Text size and colours, for this person only. */
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import css from '../frame/choices.module.css';
import { TEXT_SIZES, THEMES, usePreferences } from '../frame/preferences.tsx';
import { useWords } from '../frame/use-words.ts';

export function DisplayDialog(props: { onClose(): void }) {
  const { t } = useWords();
  const { textSize, theme, change } = usePreferences();
  return (
    <Dialog
      title={t('display.title')}
      line={t('display.line')}
      onClose={props.onClose}
      testId="display-dialog"
      actions={
        <Button kind="primary" onPress={props.onClose}>
          {t('display.done')}
        </Button>
      }
    >
      <fieldset className={css['group']}>
        <legend>{t('display.size')}</legend>
        <div className={css['row']}>
          {TEXT_SIZES.map((size) => (
            <Button
              key={size}
              pressed={size === textSize}
              testId={`text-size-${size}`}
              onPress={() => change({ textSize: size })}
            >
              {`${size} %`}
            </Button>
          ))}
        </div>
      </fieldset>
      <fieldset className={css['group']}>
        <legend>{t('display.look')}</legend>
        <div className={css['row']}>
          {THEMES.map((name) => (
            <Button
              key={name}
              pressed={name === theme}
              testId={`theme-${name}`}
              onPress={() => change({ theme: name })}
            >
              {t(`display.${name}`)}
            </Button>
          ))}
        </div>
      </fieldset>
    </Dialog>
  );
}
