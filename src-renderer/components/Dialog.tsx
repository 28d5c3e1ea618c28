/**
 * A question or a small panel over the screen: focus stays inside, Escape answers like the way back, the rest of the
 * page is hidden from screen readers (Radix). The scrim is ours: Radix's own overlay injects a style element, which
 * the Content-Security-Policy of the station refuses.
 */
import * as Radix from '@radix-ui/react-dialog';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import css from './Dialog.module.css';

interface DialogProps {
  title: string;
  line?: string;
  children?: ReactNode;
  actions: ReactNode;
  /** Called by Escape and by a touch beside the panel. */
  onClose(): void;
  size?: 'small' | 'large';
  testId?: string;
}

export function Dialog(props: DialogProps) {
  return (
    <Radix.Root open onOpenChange={(open) => !open && props.onClose()}>
      <Radix.Portal>
        <div className={css['scrim']}>
          <Radix.Content
            className={classes(css['panel'], props.size === 'large' && css['large'])}
            data-testid={props.testId}
            {...(props.line ? {} : { 'aria-describedby': undefined })}
          >
            <Radix.Title className={css['title']}>{props.title}</Radix.Title>
            {props.line && <Radix.Description className={css['line']}>{props.line}</Radix.Description>}
            {props.children}
            <div className={css['actions']}>{props.actions}</div>
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}
