/**
 * Nobody is here: a quiet light and one sentence that changes now and then. Touch anywhere begins. The whole picture
 * wanders slowly, so that no pixel of the screen shows the same for hours.
 */
import { useEffect, useState } from 'react';
import { Orb } from '../../components/Orb.tsx';
import { demoOf } from '../frame/demo.ts';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import css from './Attract.module.css';
import { driftAt } from './drift.ts';

const SENTENCES = ['attract.first', 'attract.second', 'attract.third'] as const;
const SENTENCE_MS = 9_000;

export function Attract() {
  const { t } = useWords();
  const { snapshot, send, busy } = useVisit();
  const demo = demoOf(snapshot);
  const step = useSteps(SENTENCE_MS);
  const { x, y } = driftAt(step * (SENTENCE_MS / 1000));
  const sentence = SENTENCES[step % SENTENCES.length] ?? SENTENCES[0];
  return (
    <main>
      <h1 className="visually-hidden">MindBot</h1>
      <button
        type="button"
        className={css['attract']}
        data-testid="screen-attract"
        aria-busy={busy || undefined}
        onClick={() => send({ type: 'begin' })}
      >
        <span className={css['drift']} style={{ transform: `translate(${x}%, ${y}%)` }}>
          <span className={css['light']}>
            <Orb state="listening" />
          </span>
          <span className={css['sentence']} key={sentence}>
            {t(sentence)}
          </span>
          <span className={css['line']}>{t('attract.line')}</span>
          <span className={css['touch']} data-testid="action-begin">
            {t('attract.touch')}
          </span>
          {demo && (
            <span className={css['demo']} data-testid="demo-banner">
              {t(`top.demo.${demo}`)}
            </span>
          )}
        </span>
      </button>
    </main>
  );
}

/** Counts up once every `stepMs`. */
function useSteps(stepMs: number): number {
  const [step, setStep] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setStep((count) => count + 1), stepMs);
    return () => clearInterval(timer);
  }, [stepMs]);
  return step;
}
