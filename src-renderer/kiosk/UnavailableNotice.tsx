/** Why something can't be done right now; nothing when it can. */
import type { Availability } from '../../src-shared/visit.ts';
import { Notice } from '../components/Notice.tsx';
import { useWords } from './use-words.ts';

export function UnavailableNotice(props: { availability: Availability }) {
  const { t } = useWords();
  if (props.availability.ok) return null;
  return <Notice title={t(`unavailable.${props.availability.reason}`)} testId="unavailable" />;
}
