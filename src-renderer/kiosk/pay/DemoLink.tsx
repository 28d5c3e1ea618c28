/** The way to pay with a test card, on the same machine: only while payments are the sandbox's. */
import { ExternalLink } from 'lucide-react';
import { useWords } from '../frame/use-words.ts';
import css from './Payment.module.css';

export function DemoLink(props: { href: string; label: string; testId: string }) {
  const { t } = useWords();
  return (
    <p>
      <a
        className={css['demo']}
        href={props.href}
        target="_blank"
        rel="noopener noreferrer"
        data-testid={props.testId}
      >
        <ExternalLink aria-hidden="true" />
        <span>
          {props.label}
          <span className={css['small']}>{t('pay.demoLine')}</span>
        </span>
      </a>
    </p>
  );
}
