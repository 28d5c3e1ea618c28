/** Which component draws which screen of the visit. */
import type { ComponentType } from 'react';
import type { Screen } from '../../../src-shared/visit.ts';
import { TalkScreen } from '../talk/TalkScreen.tsx';
import { Attract } from './Attract.tsx';
import { CodeShown } from './CodeShown.tsx';
import { EnterCode } from './EnterCode.tsx';
import { Packages } from './Packages.tsx';
import { Pay } from './Pay.tsx';
import { Ready } from './Ready.tsx';
import { Receipt } from './Receipt.tsx';
import { Welcome } from './Welcome.tsx';

export const SCREENS: Record<Screen, ComponentType> = {
  attract: Attract,
  welcome: Welcome,
  packages: Packages,
  pay: Pay,
  codeShown: CodeShown,
  enterCode: EnterCode,
  ready: Ready,
  talk: TalkScreen,
  receipt: Receipt,
};
