/** Typing a code: on the keys of the screen, on a keyboard, by paste or by a scanner that types. Groups itself. */
import { useLayoutEffect, useRef, useState } from 'react';
import { CODE_LENGTH, mayBecomeCode, normalizeCode } from '../../../src-shared/activation-code.ts';
import { Button } from '../../components/Button.tsx';
import { Notice } from '../../components/Notice.tsx';
import { ScreenKeyboard } from '../../components/ScreenKeyboard.tsx';
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { UnavailableNotice } from '../frame/UnavailableNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { caretAfter, codeSymbols, grouped } from './code-entry.ts';
import css from './EnterCode.module.css';
import { useScanner } from './use-scanner.ts';

/** The 32 symbols of a code and nothing that can be mistaken. */
const KEYS = {
  default: ['1 2 3 4 5 6 7 8 9 0', 'Q W E R T Y P', 'A S D F G H J K', 'Z X C V B N M', '{clear} {bksp}'],
};

export function EnterCode() {
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  const [symbols, setSymbols] = useState('');
  const [unreadable, setUnreadable] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const caret = useRef<number | null>(null);
  const complete = symbols.length === CODE_LENGTH;
  const problem = snapshot.problem?.code;

  useLayoutEffect(() => {
    if (caret.current === null) return;
    field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  });

  const show = (next: string) => {
    setUnreadable(false);
    setSymbols(next);
  };
  const submit = (code: string) => {
    if (code.length === CODE_LENGTH && !busy) send({ type: 'submitCode', code });
  };
  /** Pasted or scanned, so all of it is there: a code, or nothing that is worth a try. */
  const give = (code: string | undefined, entered = false) => {
    show(code ?? '');
    setUnreadable(code === undefined);
    if (code && entered) submit(code);
  };
  const listenForScanner = useScanner({ code: give, unreadable: () => give(undefined) });
  const type = (text: string, symbolsBefore: number) => {
    const next = codeSymbols(text);
    caret.current = caretAfter(Math.min(symbolsBefore, next.length));
    show(next);
  };
  const pressKey = (key: string) => {
    setUnreadable(false);
    if (key === '{clear}') return setSymbols('');
    if (key === '{bksp}') return setSymbols((before) => before.slice(0, -1));
    setSymbols((before) => codeSymbols(before + key));
  };

  return (
    <Frame
      title={t('enter.title')}
      line={t('enter.line')}
      primary={
        <Button
          kind="primary"
          busy={busy}
          disabled={!complete}
          onPress={() => submit(symbols)}
          testId="action-submit-code"
        >
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
              submit(symbols);
            }}
          >
            <input
              ref={field}
              className={css['field']}
              dir="ltr"
              data-testid="code-input"
              aria-label={t('enter.field')}
              aria-invalid={unreadable || problem === 'code_not_accepted' || undefined}
              inputMode="none"
              autoComplete="off"
              autoCapitalize="characters"
              spellCheck={false}
              placeholder="····  ····  ····"
              value={grouped(symbols)}
              onChange={(event) => {
                const { value, selectionStart } = event.target;
                type(value, codeSymbols(value.slice(0, selectionStart ?? value.length)).length);
              }}
              onKeyDown={listenForScanner}
              onPaste={(event) => {
                const text = event.clipboardData.getData('text');
                // Part of a code goes to where the caret is.
                const code = normalizeCode(text);
                if (!code && mayBecomeCode(text)) return;
                event.preventDefault();
                give(code);
              }}
            />
            <p className={css['progress']} role="status">
              {complete ? t('enter.complete') : t('enter.more', { count: CODE_LENGTH - symbols.length })}
            </p>
          </form>
          {unreadable ? (
            <Notice title={t('problem.code_unreadable.title')} testId="problem-code_unreadable">
              {t('problem.code_unreadable.todo')}
            </Notice>
          ) : (
            <ProblemNotice />
          )}
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
