/** Why something can't be done right now, or for how long only; nothing when it simply can. */
import type { Availability } from '../../../src-shared/visit.ts';
import { Notice } from '../../components/Notice.tsx';
import { useWords } from './use-words.ts';

export function UnavailableNotice({ availability }: { availability: Availability }) {
  const { t, time } = useWords();
  if (!availability.ok)
    return <Notice title={t(`unavailable.${availability.reason}`)} testId="unavailable" />;
  if (availability.keptSeconds === undefined) return null;
  return <Notice title={t('onlyFor', { time: time(availability.keptSeconds) })} testId="only-for" />;
}
