/**
 * The bones of every customer screen: top bar, one headline, one line, the content, the primary action at thumb height,
 * a way back and a "start over". Moves the focus to the headline when the screen appears, so that a screen reader says
 * where one is.
 */
import { ArrowLeft, RotateCcw } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from '../../components/Button.tsx';
import { classes } from '../../components/classes.ts';
import { Dialog } from '../../components/Dialog.tsx';
import css from './Frame.module.css';
import { TopBar } from './TopBar.tsx';
import { useWords } from './use-words.ts';
import { useVisit } from './visit-context.tsx';

interface FrameProps {
  title: string;
  line?: ReactNode;
  children?: ReactNode;
  primary?: ReactNode;
  /** False where there is nothing to go back to. */
  back?: boolean;
  startOver?: boolean;
  /** Ask before clearing the screen, because something on it would be missed. */
  confirmStartOver?: boolean;
  /** The headline is for screen readers only: the content speaks for itself. */
  hideTitle?: boolean;
  /** The content fits itself into the room there is, instead of scrolling. */
  fill?: boolean;
}

export function Frame(props: FrameProps) {
  const { t } = useWords();
  const { snapshot, send } = useVisit();
  const [asking, setAsking] = useState(false);
  const headline = useRef<HTMLHeadingElement>(null);
  const { back = true, startOver = true } = props;
  useEffect(() => headline.current?.focus({ preventScroll: true }), []);
  return (
    <div className={css['frame']} data-testid={`screen-${snapshot.screen}`}>
      <TopBar />
      <main className={css['main']}>
        <div className={classes(css['words'], props.hideTitle && 'visually-hidden')}>
          <h1 ref={headline} tabIndex={-1} className={css['title']}>
            {props.title}
          </h1>
          {props.line && <p className={css['line']}>{props.line}</p>}
        </div>
        <div className={classes(css['content'], props.fill && css['fill'])}>{props.children}</div>
      </main>
      <footer className={css['footer']}>
        {props.primary && <div className={css['primary']}>{props.primary}</div>}
        {back && (
          <div className={css['back']}>
            <Button icon={ArrowLeft} iconMirrors onPress={() => send({ type: 'back' })} testId="action-back">
              {t('common.back')}
            </Button>
          </div>
        )}
        {startOver && (
          <div className={css['startOver']}>
            <Button
              kind="quiet"
              icon={RotateCcw}
              onPress={() => (props.confirmStartOver ? setAsking(true) : send({ type: 'startOver' }))}
              testId="action-start-over"
            >
              {t('common.startOver')}
            </Button>
          </div>
        )}
      </footer>
      {asking && <ConfirmStartOver onClose={() => setAsking(false)} />}
    </div>
  );
}

function ConfirmStartOver(props: { onClose(): void }) {
  const { t } = useWords();
  const { send } = useVisit();
  return (
    <Dialog
      title={t('confirm.title')}
      line={t('confirm.line')}
      onClose={props.onClose}
      testId="confirm-start-over"
      actions={
        <>
          <Button kind="primary" onPress={props.onClose}>
            {t('confirm.no')}
          </Button>
          <Button onPress={() => send({ type: 'startOver' })} testId="action-confirm-start-over">
            {t('confirm.yes')}
          </Button>
        </>
      }
    />
  );
}
