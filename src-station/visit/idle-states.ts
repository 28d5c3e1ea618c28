/**
 * Nobody there? On quiet screens: ask, count down, end the visit. In a talk metering asks after silence; here its
 * question is shown, and a talk that is neither charged nor touched for long (paused and left) is asked about too.
 */
import { assign, raise } from 'xstate';
import { IDLE_ANSWER_SECONDS, SILENCE_ANSWER_SECONDS, TALK_IDLE_MS } from '../../src-shared/limits.ts';
import { visitSetup } from './machine-setup.ts';

const SECOND_MS = 1_000;

const countDown = visitSetup.createAction(
  assign(({ context }) => ({ secondsLeft: Math.max(0, (context.secondsLeft ?? 0) - 1) })),
);

export const idleStates = visitSetup.createStateConfig({
  initial: 'watching',
  on: {
    // No `reenter` here: it would leave and enter all regions of the visit, not only this one.
    'screen.entered': [
      { guard: { type: 'screenIs', params: { screen: 'talk' } }, target: '.inTalk' },
      { target: '.watching' },
    ],
  },
  states: {
    watching: {
      on: { life: { target: 'watching', reenter: true, actions: 'clearAfterTouch' } },
      after: {
        idle: { target: 'asking', actions: assign({ secondsLeft: IDLE_ANSWER_SECONDS }) },
      },
    },
    asking: {
      exit: 'clearQuestion',
      on: { life: { target: 'watching', actions: 'clearAfterTouch' } },
      initial: 'counting',
      states: {
        counting: {
          after: {
            [SECOND_MS]: [
              { guard: 'lastSecond', target: '#attract' },
              { target: 'counting', reenter: true, actions: countDown },
            ],
          },
        },
      },
    },
    inTalk: {
      id: 'inTalk',
      on: {
        life: { target: 'inTalk', reenter: true, actions: 'clearAfterTouch' },
        'meter.tick': {
          guard: ({ event }) => event.state === 'charging',
          target: 'inTalk',
          reenter: true,
        },
        'meter.stillThere': { target: 'silent', actions: assign({ secondsLeft: SILENCE_ANSWER_SECONDS }) },
      },
      after: {
        [TALK_IDLE_MS]: { target: 'leftAlone', actions: assign({ secondsLeft: IDLE_ANSWER_SECONDS }) },
      },
    },
    /** Metering ends the talk by itself when this runs out. */
    silent: {
      exit: 'clearQuestion',
      on: {
        life: { target: 'inTalk', actions: ['clearAfterTouch', 'meterTouched'] },
        'meter.silenceOver': 'inTalk',
        'meter.mustEnd': 'inTalk',
      },
      initial: 'counting',
      states: {
        counting: { after: { [SECOND_MS]: { target: 'counting', reenter: true, actions: countDown } } },
      },
    },
    leftAlone: {
      exit: 'clearQuestion',
      on: {
        life: { target: 'inTalk', actions: 'clearAfterTouch' },
        'meter.tick': { guard: ({ event }) => event.state === 'charging', target: 'inTalk' },
      },
      initial: 'counting',
      states: {
        counting: {
          after: {
            [SECOND_MS]: [
              { guard: 'lastSecond', target: '#inTalk', actions: raise({ type: 'talk.leftAlone' }) },
              { target: 'counting', reenter: true, actions: countDown },
            ],
          },
        },
      },
    },
  },
});
