/** Choosing a language; each is written in itself. */

import { LOCALES } from '../../../src-shared/visit.ts';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { WORDS } from '../../i18n/index.ts';
import css from '../frame/choices.module.css';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';

export function LanguageDialog(props: { onClose(): void }) {
  const { t, locale } = useWords();
  const { send } = useVisit();
  return (
    <Dialog
      title={t('languages.title')}
      onClose={props.onClose}
      actions={<Button onPress={props.onClose}>{t('common.close')}</Button>}
    >
      <ul className={css['choices']}>
        {LOCALES.map((name) => (
          <li key={name} lang={name}>
            <Button
              wide
              pressed={name === locale}
              testId={`language-${name}`}
              onPress={() => {
                send({ type: 'setLocale', locale: name });
                props.onClose();
              }}
            >
              {WORDS[name].language.name}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
