/** How loud we hear you, as bars that fill from the start. Also a `meter` for screen readers. */
import { useEffect, useRef } from 'react';
import css from './LevelMeter.module.css';

const BARS = Array.from({ length: 24 }, (_, index) => index);

export function LevelMeter(props: { level: () => number; label: string }) {
  const meter = useRef<HTMLDivElement>(null);
  const level = useRef(props.level);
  level.current = props.level;
  useEffect(() => {
    let frame = requestAnimationFrame(function draw() {
      const value = level.current();
      const lit = Math.round(value * BARS.length);
      const element = meter.current;
      if (element && element.dataset['lit'] !== String(lit)) {
        element.dataset['lit'] = String(lit);
        element.setAttribute('aria-valuenow', value.toFixed(1));
        [...element.children].forEach((bar, index) => {
          bar.toggleAttribute('data-on', index < lit);
        });
      }
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a <meter> can't hold the bars that are its picture
    <div
      ref={meter}
      className={css['meter']}
      role="meter"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={0}
      data-testid="microphone-level"
    >
      {BARS.map((bar) => (
        <span key={bar} className={css['bar']} />
      ))}
    </div>
  );
}
