/** The admin window: the sign-in, then the report of today. */
import { useCallback, useEffect, useState } from 'react';
import type { AdminClient } from './client.ts';
import { SignIn } from './SignIn.tsx';
import { Today } from './Today.tsx';

type Who = { email: string } | null | 'unknown';

export function AdminApp(props: { client: AdminClient }) {
  const { client } = props;
  const [who, setWho] = useState<Who>('unknown');
  const [sessionEnded, setSessionEnded] = useState(false);
  useEffect(() => {
    client.me().then(setWho, () => setWho(null));
  }, [client]);
  const onEnded = useCallback(() => {
    setSessionEnded(true);
    setWho(null);
  }, []);
  if (who === 'unknown') return null;
  if (who === null) return <SignIn client={client} again={sessionEnded} onSignedIn={setWho} />;
  const signOut = () => {
    setSessionEnded(false);
    client.signOut().then(
      () => setWho(null),
      () => setWho(null),
    );
  };
  return <Today client={client} email={who.email} onSignOut={signOut} onEnded={onEnded} />;
}
