/** One large choice. When it can't be had just now it stays in its place, disabled, and says why. */
import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import type { Availability } from '../../../src-shared/visit.ts';
import css from './Choice.module.css';
import { useWords } from './use-words.ts';

interface ChoiceProps {
  icon: LucideIcon;
  title: string;
  line: string;
  availability: Availability;
  busy: boolean;
  onChoose(): void;
  testId: string;
}

export function Choice(props: ChoiceProps) {
  const { t } = useWords();
  const { icon: Icon, availability } = props;
  const reason = useId();
  return (
    <button
      type="button"
      className={css['choice']}
      aria-disabled={!availability.ok || undefined}
      aria-describedby={availability.ok ? undefined : reason}
      aria-busy={props.busy || undefined}
      data-testid={props.testId}
      onClick={() => {
        if (availability.ok && !props.busy) props.onChoose();
      }}
    >
      <Icon className={css['icon']} aria-hidden="true" />
      <span className={css['words']}>
        <span className={css['title']}>{props.title}</span>
        {availability.ok ? (
          <span className={css['line']}>{props.line}</span>
        ) : (
          <span className={css['reason']} id={reason} data-testid={`${props.testId}-reason`}>
            {t(`unavailable.${availability.reason}`)}
          </span>
        )}
      </span>
    </button>
  );
}
