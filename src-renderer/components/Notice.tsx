/** A problem, where its cause is: what happened, and what to do now. Spoken at once by screen readers. */
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './Notice.module.css';

export function Notice(props: { title: string; children?: ReactNode; testId?: string }) {
  return (
    <div className={css['notice']} role="alert" data-testid={props.testId}>
      <CircleAlert className={css['icon']} aria-hidden="true" />
      <div>
        <p className={css['title']}>{props.title}</p>
        {props.children && <p>{props.children}</p>}
      </div>
    </div>
  );
}
