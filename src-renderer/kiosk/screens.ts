/** Which component draws which screen of the visit. */
import type { ComponentType } from 'react';
import type { Screen } from '../../src-shared/visit.ts';
import { CodeShown } from './code/CodeShown.tsx';
import { EnterCode } from './code/EnterCode.tsx';
import { Receipt } from './code/Receipt.tsx';
import { Packages } from './pay/Packages.tsx';
import { Pay } from './pay/Pay.tsx';
import { Ready } from './talk/Ready.tsx';
import { TalkScreen } from './talk/TalkScreen.tsx';
import { Attract } from './welcome/Attract.tsx';
import { Welcome } from './welcome/Welcome.tsx';

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
