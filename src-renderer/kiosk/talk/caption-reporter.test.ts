import { describe, expect, it } from 'vitest';
import type { Caption } from '../../../src-shared/visit.ts';
import { CaptionReporter } from './caption-reporter.ts';

function setUp(failures = 0) {
  let nowMs = 0;
  let left = failures;
  const reported: string[] = [];
  const reporter = new CaptionReporter({
    report: async ({ text }) => {
      if (left > 0) {
        left -= 1;
        throw new Error('unreachable');
      }
      reported.push(text);
    },
    nowMs: () => nowMs,
    wait: async (durationMs) => {
      nowMs += durationMs;
    },
  });
  const say = (text: string, final: boolean): Promise<void> => {
    const caption: Caption = { id: 'a', who: 'customer', text, final };
    return reporter.said(caption);
  };
  return { say, reported, pass: (ms: number) => (nowMs += ms) };
}

describe('reporting captions', () => {
  it('thins out growing ones and always sends the final one', async () => {
    const { say, reported, pass } = setUp();
    await say('I', false);
    await say('I am', false);
    pass(600);
    await say('I am here', false);
    await say('I am here.', true);
    expect(reported).toEqual(['I', 'I am here', 'I am here.']);
  });

  it('repeats a final one until the station has it', async () => {
    const { say, reported } = setUp(4);
    await say('Hello.', true);
    expect(reported).toEqual(['Hello.']);
  });

  it('drops a growing one that did not get through', async () => {
    const { say, reported } = setUp(1);
    await say('Hel', false);
    expect(reported).toEqual([]);
  });
});
