/** One number with its comparison. A click opens the rows behind it. */
import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react';
import { changeFrom } from './change.ts';
import css from './Figure.module.css';

const ARROWS = { up: ArrowUpRight, down: ArrowDownRight, same: ArrowRight } as const;
const WORDS = { up: 'more', down: 'less', same: '' } as const;

interface FigureProps {
  name: string;
  id: string;
  now: number;
  before: number;
  format(value: number): string;
  onOpen(): void;
}

export function Figure(props: FigureProps) {
  const { now, before, format } = props;
  const change = changeFrom(before, now);
  const Arrow = ARROWS[change.direction];
  const difference =
    change.direction === 'same'
      ? 'as yesterday'
      : `${format(change.by)}${change.percent === null ? '' : ` (${change.percent} %)`} ${WORDS[change.direction]}`;
  return (
    <button
      type="button"
      className={css['figure']}
      onClick={props.onOpen}
      data-testid={`figure-${props.id}`}
      data-value={now}
    >
      <span className={css['name']}>{props.name}</span>
      <span className={css['value']}>{format(now)}</span>
      <span className={css['change']} data-direction={change.direction}>
        <Arrow aria-hidden="true" />
        {difference}
      </span>
      <span className={css['before']}>{`yesterday ${format(before)}`}</span>
    </button>
  );
}
