/** What both sides said; the latest large, earlier ones above it, softer. New words are read out politely. */
import { useEffect, useRef } from 'react';
import type { Caption } from '../../../src-shared/visit.ts';
import { useWords } from '../frame/use-words.ts';
import css from './Captions.module.css';

export function Captions(props: { captions: readonly Caption[] }) {
  const { t } = useWords();
  const list = useRef<HTMLOListElement>(null);
  const latest = props.captions.at(-1);
  // Keeps the newest words in view, also while they grow.
  useEffect(() => {
    if (latest?.text !== undefined && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [latest?.text]);
  return (
    <ol
      ref={list}
      className={css['captions']}
      data-testid="captions"
      aria-label={t('talk.captions')}
      aria-live="polite"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
    >
      {props.captions.length === 0 && <li className={css['empty']}>{t('talk.empty')}</li>}
      {props.captions.map((caption) => (
        <li
          key={caption.id}
          className={css['caption']}
          data-testid="caption"
          data-who={caption.who}
          data-final={caption.final}
          data-latest={caption === latest || undefined}
        >
          <span className={css['who']}>
            {caption.who === 'customer' ? t('talk.you') : t('talk.assistant')}
          </span>
          <span className={css['text']} dir="auto">
            {caption.text}
          </span>
        </li>
      ))}
    </ol>
  );
}
