/**
 * The keyboard inside the page; the one of the operating system hides behind a full screen. It only says which key was
 * pressed: the field above it stays the owner of its text, so physical keys and paste work alike.
 */
import Keyboard from 'react-simple-keyboard';
import 'react-simple-keyboard/build/css/index.css';
import './ScreenKeyboard.css';

interface ScreenKeyboardProps {
  /** Layers of rows; keys separated by spaces, special keys in braces. */
  layout: Record<string, string[]>;
  layer?: string;
  /** Words on the special keys. */
  display?: Record<string, string>;
  onKey(key: string): void;
}

export function ScreenKeyboard(props: ScreenKeyboardProps) {
  return (
    <div dir="ltr" data-testid="screen-keyboard">
      <Keyboard
        layout={props.layout}
        layoutName={props.layer ?? 'default'}
        {...(props.display ? { display: props.display, mergeDisplay: true } : {})}
        onKeyPress={props.onKey}
        theme="hg-theme-default mindbot-keys"
        useButtonTag
        preventMouseDownDefault
        disableCaretPositioning
      />
    </div>
  );
}
