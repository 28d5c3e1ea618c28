/** Signing in with e-mail and password. Says what was wrong beside the fields, and never which of the two. */
import { type FormEvent, useState } from 'react';
import { Notice } from '../components/Notice.tsx';
import { type AdminClient, type Fault, faultOf } from './client.ts';
import css from './SignIn.module.css';

const WORDS: Record<Fault, string> = {
  wrongCredentials: 'E-mail or password is not right. Please check both.',
  notStaff: 'This account may not see reports. Ask the operator for access.',
  invalid: 'Please type a complete e-mail address and a password.',
  signedOut: 'You have been signed out. Please sign in again.',
  unreachable: 'The records are out of reach right now. Please try again in a moment.',
};

interface SignInProps {
  client: AdminClient;
  /** The last sign-in has run out. */
  again: boolean;
  onSignedIn(who: { email: string }): void;
}

export function SignIn(props: SignInProps) {
  const [fault, setFault] = useState<Fault | null>(props.again ? 'signedOut' : null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    props.client
      .signIn(String(form.get('email')), String(form.get('password')))
      .then(props.onSignedIn)
      .catch((error: unknown) => setFault(faultOf(error)))
      .finally(() => setBusy(false));
  };
  return (
    <main className={css['page']}>
      <form className={css['form']} onSubmit={submit} data-testid="admin-sign-in">
        <h1>MindBot reports</h1>
        <label className={css['field']}>
          E-mail
          <input name="email" type="email" autoComplete="username" required data-testid="admin-email" />
        </label>
        <label className={css['field']}>
          Password
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            data-testid="admin-password"
          />
        </label>
        {fault && <Notice title={WORDS[fault]} testId={`sign-in-${fault}`} />}
        <button
          type="submit"
          className={css['submit']}
          aria-busy={busy}
          disabled={busy}
          data-testid="admin-submit"
        >
          {busy ? 'Signing in' : 'Sign in'}
        </button>
      </form>
    </main>
  );
}
