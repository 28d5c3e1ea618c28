/** Every button of the kiosk: large, labelled, showing progress, never moving when its state changes. */
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './Button.module.css';
import { classes } from './classes.ts';

interface ButtonProps {
  children: ReactNode;
  onPress(): void;
  kind?: 'primary' | 'plain' | 'quiet';
  icon?: LucideIcon;
  /** The icon points along the reading direction and is mirrored from right to left. */
  iconMirrors?: boolean;
  disabled?: boolean;
  busy?: boolean;
  pressed?: boolean;
  wide?: boolean;
  testId?: string;
  label?: string;
}

export function Button(props: ButtonProps) {
  const { kind = 'plain', icon: Icon, disabled = false, busy = false } = props;
  return (
    <button
      type="button"
      className={classes(css['button'], css[kind], props.wide && css['wide'])}
      disabled={disabled}
      aria-busy={busy || undefined}
      aria-pressed={props.pressed}
      aria-label={props.label}
      data-testid={props.testId}
      onClick={() => {
        if (!busy) props.onPress();
      }}
    >
      {Icon && (
        <Icon className={classes(css['icon'], props.iconMirrors && css['mirrors'])} aria-hidden="true" />
      )}
      <span>{props.children}</span>
      {busy && <span className={css['working']} aria-hidden="true" />}
    </button>
  );
}
