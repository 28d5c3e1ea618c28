/**
 * The calm cover while the page has no line to the station. The screen beneath stays as it is, with everything typed;
 * it comes up only after a moment, so that a blink of the link shows nothing.
 */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Orb } from '../../components/Orb.tsx';
import type { LinkState } from '../station/link.ts';
import css from './LinkOverlay.module.css';

const PATIENCE_MS = 900;

/** True when the link has been lost for longer than a blink. */
export function useLinkLost(state: LinkState): boolean {
  const [late, setLate] = useState(false);
  const lost = state !== 'open';
  useEffect(() => {
    if (!lost) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  return lost && late;
}

export function LinkOverlay(props: { state: LinkState }) {
  const { t } = useTranslation();
  const cover = useRef<HTMLDivElement>(null);
  useEffect(() => cover.current?.focus(), []);
  const refused = props.state === 'refused';
  return (
    <div
      ref={cover}
      className={css['cover']}
      role="alertdialog"
      aria-labelledby="link-title"
      aria-describedby="link-line"
      aria-modal="true"
      data-testid="link-overlay"
      tabIndex={-1}
    >
      <Orb state={refused ? 'paused' : 'thinking'} size="small" />
      <h2 id="link-title" className={css['title']}>
        {refused ? t('link.refusedTitle') : t('link.title')}
      </h2>
      <p id="link-line" className={css['line']}>
        {refused ? t('link.refusedLine') : t('link.line')}
      </p>
    </div>
  );
}
