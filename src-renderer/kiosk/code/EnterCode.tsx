/** Typing a code: on the keys of the screen, on a keyboard, by paste or by a scanner that types. Groups itself. */
import { useLayoutEffect, useRef, useState } from 'react';
import { CODE_LENGTH } from '../../../src-shared/activation-code.ts';
import { Button } from '../../components/Button.tsx';
import { ScreenKeyboard } from '../../components/ScreenKeyboard.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { UnavailableNotice } from '../frame/UnavailableNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { caretAfter, codeSymbols, grouped } from './code-entry.ts';
import css from './EnterCode.module.css';

/** The 32 symbols of a code and nothing that can be mistaken. */
const KEYS = {
  default: ['1 2 3 4 5 6 7 8 9 0', 'Q W E R T Y P', 'A S D F G H J K', 'Z X C V B N M', '{clear} {bksp}'],
};

export function EnterCode() {
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  const [symbols, setSymbols] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const complete = symbols.length === CODE_LENGTH;
  const problem = snapshot.problem?.code;

  useLayoutEffect(() => {
    if (caret.current === null) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const submit = () => {
    if (complete && !busy) send({ type: 'submitCode', code: symbols });
  };
  const type = (text: string, symbolsBefore: number) => {
    const next = codeSymbols(text);
    caret.current = caretAfter(Math.min(symbolsBefore, next.length));
    setSymbols(next);
  };
  const pressKey = (key: string) => {
    if (key === '{clear}') return setSymbols('');
    if (key === '{bksp}') return setSymbols((before) => before.slice(0, -1));
    setSymbols((before) => codeSymbols(before + key));
  };

  return (
    <Frame
      title={t('enter.title')}
      line={t('enter.line')}
      primary={
        <Button kind="primary" busy={busy} disabled={!complete} onPress={submit} testId="action-submit-code">
          {t('enter.open')}
        </Button>
      }
    >
      <UnavailableNotice availability={snapshot.services.activate} />
      <div className={css['columns']}>
        <div className={css['typed']}>
          <form
            className={css['form']}
            onSubmit={(event) => {
              event.preventDefault();
              submit();
            }}
          >
            <input
              ref={field}
              className={css['field']}
              dir="ltr"
              data-testid="code-input"
              aria-label={t('enter.field')}
              aria-invalid={problem === 'code_not_accepted' || undefined}
              inputMode="none"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              // Room for what is pasted with spaces, dashes or words around it.
              maxLength={64}
              placeholder="····  ····  ····"
              value={grouped(symbols)}
              onChange={(event) => {
                const { value, selectionStart } = event.target;
                type(value, codeSymbols(value.slice(0, selectionStart ?? value.length)).length);
              }}
            />
            <p className={css['progress']} role="status">
              {complete ? t('enter.complete') : t('enter.more', { count: CODE_LENGTH - symbols.length })}
            </p>
          </form>
          <ProblemNotice />
        </div>
        <ScreenKeyboard
          layout={KEYS}
          display={{ '{clear}': t('enter.clear'), '{bksp}': t('enter.erase') }}
          onKey={pressKey}
        />
      </div>
    </Frame>
  );
}
