/** Writing to the assistant in the same conversation, with the keyboard of the page or a real one. */
import { useRef, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { Dialog } from '../../components/Dialog.tsx';
import { Notice } from '../../components/Notice.tsx';
import { ScreenKeyboard } from '../../components/ScreenKeyboard.tsx';
import { useWords } from '../frame/use-words.ts';
import type { TalkEngine } from './talk-engine.ts';
import { layoutFor, withKey } from './typing.ts';
import css from './WriteDialog.module.css';

const LONGEST = 500;

export function WriteDialog(props: { engine: TalkEngine; onClose(): void }) {
  const { t, locale } = useWords();
  const [text, setText] = useState('');
  const [layer, setLayer] = useState<'default' | 'shift'>('default');
  const [failed, setFailed] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);

  const send = () => {
    const words = text.trim();
    if (!words) return;
    props.engine
      .write(words)
      .then(() => {
        setText('');
        setFailed(false);
        props.onClose();
      })
      .catch(() => setFailed(true));
  };
  const pressKey = (key: string) => {
    if (key === '{shift}') return setLayer((before) => (before === 'default' ? 'shift' : 'default'));
    const at = field.current?.selectionStart ?? text.length;
    const next = withKey(text, at, key);
    setText(next.text.slice(0, LONGEST));
    setLayer('default');
    requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret));
  };
  return (
    <Dialog
      title={t('talk.write')}
      onClose={props.onClose}
      size="large"
      testId="write-dialog"
      actions={
        <>
          <Button kind="primary" disabled={text.trim() === ''} onPress={send} testId="action-send">
            {t('talk.send')}
          </Button>
          <Button onPress={props.onClose}>{t('common.close')}</Button>
        </>
      }
    >
      <textarea
        ref={field}
        className={css['field']}
        data-testid="write-input"
        aria-label={t('talk.write')}
        rows={2}
        inputMode="none"
        maxLength={LONGEST}
        dir="auto"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {failed && <Notice title={t('link.problem')} />}
      <ScreenKeyboard
        layout={layoutFor(locale)}
        layer={layer}
        display={{ '{shift}': '⇧', '{bksp}': '⌫', '{space}': ' ' }}
        onKey={pressKey}
      />
    </Dialog>
  );
}
