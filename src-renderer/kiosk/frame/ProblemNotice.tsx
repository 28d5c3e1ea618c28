/** The visit's problem in words, placed by each screen where the cause is. */
import { Notice } from '../../components/Notice.tsx';
import { useWords } from './use-words.ts';
import { useVisit } from './visit-context.tsx';

export function ProblemNotice() {
  const { t } = useWords();
  const { problem } = useVisit().snapshot;
  if (!problem) return null;
  return (
    <Notice title={t(`problem.${problem.code}.title`)} testId={`problem-${problem.code}`}>
      {t(`problem.${problem.code}.todo`)}
    </Notice>
  );
}
