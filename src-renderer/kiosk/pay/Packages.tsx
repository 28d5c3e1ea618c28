/** How much time to buy. */
import { Frame } from '../frame/Frame.tsx';
import { ProblemNotice } from '../frame/ProblemNotice.tsx';
import { UnavailableNotice } from '../frame/UnavailableNotice.tsx';
import { useWords } from '../frame/use-words.ts';
import { useVisit } from '../frame/visit-context.tsx';
import { PackageList } from './PackageList.tsx';

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
