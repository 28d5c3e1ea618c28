/**
 * The voice as a picture. Each state has its own form, so that it is known without colour: connecting is a dashed ring,
 * listening an open ring with ripples going in, thinking three beads on a ring, speaking a full shape sending waves out,
 * paused two bars. It moves with the sound it is given, and stands still when reduced motion is asked.
 */
import { useEffect, useId, useRef } from 'react';
import { classes } from './classes.ts';
import css from './Orb.module.css';
import { orbPath } from './orb-path.ts';

export type OrbState = 'connecting' | 'listening' | 'thinking' | 'speaking' | 'paused';

const RADIUS = 50;
/** Share of the way to the new loudness at each frame: quick up, slow down, as a needle moves. */
const RISE = 0.35;
const FALL = 0.1;

interface OrbProps {
  state: OrbState;
  size?: 'small' | 'large';
  /** Loudness 0 … 1 at this moment, asked once a frame. */
  level?: () => number;
}

export function Orb(props: OrbProps) {
  const { state, size = 'large' } = props;
  const outline = useRef<SVGPathElement>(null);
  const glow = useRef<SVGCircleElement>(null);
  const level = useRef(props.level);
  level.current = props.level;
  const id = useId();
  useEffect(() => animate(outline, glow, () => level.current?.() ?? 0), []);
  return (
    <svg
      className={classes(css['orb'], css[size])}
      viewBox="-100 -100 200 200"
      data-state={state}
      aria-hidden="true"
    >
      <defs>
        <radialGradient id={`${id}glow`}>
          <stop offset="35%" className={css['glowNear']} />
          <stop offset="100%" className={css['glowFar']} />
        </radialGradient>
        <radialGradient id={`${id}body`} cx="38%" cy="32%" r="75%">
          <stop offset="0%" className={css['bodyLit']} />
          <stop offset="100%" className={css['bodyDeep']} />
        </radialGradient>
      </defs>
      <circle ref={glow} className={css['glow']} r="98" fill={`url(#${id}glow)`} />
      <g className={css['ripples']}>
        <circle r={RADIUS} />
        <circle r={RADIUS} />
      </g>
      <path ref={outline} className={css['outline']} d={orbPath(RADIUS, 0, 0)} />
      <path className={css['body']} fill={`url(#${id}body)`} d="M0 0" data-body="" />
      <g className={css['beads']}>
        <circle cx="0" cy={-RADIUS} r="8" />
        <circle cx={RADIUS * 0.866} cy={RADIUS / 2} r="8" />
        <circle cx={-RADIUS * 0.866} cy={RADIUS / 2} r="8" />
      </g>
      <g className={css['bars']}>
        <rect x="-20" y="-24" width="13" height="48" rx="5" />
        <rect x="7" y="-24" width="13" height="48" rx="5" />
      </g>
    </svg>
  );
}

/** Redraws the outline (and the filled body under the same form) with the sound; returns the function that stops it. */
function animate(
  outline: React.RefObject<SVGPathElement | null>,
  glow: React.RefObject<SVGCircleElement | null>,
  loudness: () => number,
): () => void {
  const still = window.matchMedia('(prefers-reduced-motion: reduce)');
  let shown = 0;
  let frame = requestAnimationFrame(draw);
  function draw(nowMs: number) {
    const target = still.matches ? 0 : loudness();
    shown += (target - shown) * (target > shown ? RISE : FALL);
    const path = orbPath(RADIUS, shown, still.matches ? 0.4 : nowMs / 1000);
    outline.current?.setAttribute('d', path);
    outline.current?.parentElement?.querySelector('[data-body]')?.setAttribute('d', path);
    glow.current?.style.setProperty('--loud', shown.toFixed(3));
    frame = requestAnimationFrame(draw);
  }
  return () => cancelAnimationFrame(frame);
}
