/** How much time to buy. */
import { Frame } from '../Frame.tsx';
import { PackageList } from '../PackageList.tsx';
import { ProblemNotice } from '../ProblemNotice.tsx';
import { UnavailableNotice } from '../UnavailableNotice.tsx';
import { useWords } from '../use-words.ts';
import { useVisit } from '../visit-context.tsx';

export function Packages() {
  const { t } = useWords();
  const { snapshot, send } = useVisit();
  return (
    <Frame title={t('packages.title')} line={t('packages.line')}>
      <ProblemNotice />
      <UnavailableNotice availability={snapshot.services.buy} />
      <PackageList onChoose={(packageId) => send({ type: 'choosePackage', packageId })} />
    </Frame>
  );
}
