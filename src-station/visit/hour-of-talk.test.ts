import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JOB_HISTORY_BYTES } from '../../src-shared/agent-link.ts';
import type { Caption } from '../../src-shared/visit.ts';
import { HISTORY_LIMIT } from './context.ts';
import { Bench, PREMIUM } from './visit.test-kit.ts';

vi.setConfig({ testTimeout: 60_000 });

const HOUR_SECONDS = 3_600;
/** The largest snapshot of a talk: ten packages, twenty cards, every kind of command under way, a payment open. */
const SNAPSHOT_LIMIT_BYTES = 8_192;
/** Longest text of a caption (captionSchema). */
const LONGEST_TEXT = 'word '.repeat(1_600);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** A kiosk with much to show: what a snapshot holds besides the talk. */
function fillTheShelves(): void {
  const packages = Array.from({ length: 10 }, (_, index) => ({ ...PREMIUM, id: `premium_${index}` }));
  bench.world = { ...bench.world, packages: [...bench.world.packages, ...packages] };
  const [card] = bench.relay.balance.cards;
  if (card) bench.relay.balance = { ...bench.relay.balance, cards: Array.from({ length: 20 }, () => card) };
}

function waitingCommands(): void {
  const { talkId } = bench.account;
  bench.metering.emit({ type: 'lowTime', talkId, usableSeconds: 300 });
  bench.metering.emit({ type: 'stillThere', talkId });
  bench.metering.emit({ type: 'silenceOver', talkId });
}

/** One second of a lively talk: a tick, a beat, and a sentence, which now and then grows before it ends. */
function second(count: number): void {
  const { talkId } = bench.account;
  bench.account.chargedSeconds = count;
  bench.account.remainingSeconds = 99_999 - count;
  bench.tick();
  bench.beatAtOnce({});
  const said = { id: `c${count}`, who: count % 2 ? 'customer' : 'assistant', text: 'wo' } as const;
  const caption: Caption = { ...said, final: false };
  if (count % 10 === 0) bench.engine.caption(talkId, caption);
  bench.engine.caption(talkId, { ...caption, text: LONGEST_TEXT, final: true });
  bench.clock.advance(1_000);
}

it('an hour of talk, a sentence a second: snapshots stay small, one a second, and the file is left alone', async () => {
  fillTheShelves();
  await bench.toTalk();
  await bench.does('pause', 'resume', { type: 'openTopUp', packageId: 'premium' });
  waitingCommands();
  const sizes: number[] = [];
  bench.engine.onChange(() => sizes.push(Buffer.byteLength(JSON.stringify(bench.now))));
  second(1);
  const file = join(bench.dir, 'visit.json');
  const fileBytes = statSync(file).size;
  for (let count = 2; count <= HOUR_SECONDS; count += 1) {
    second(count);
    // The relay's answers about the open payment come in between.
    if (count % 10 === 0) await bench.pass(0);
  }

  expect(Math.max(...sizes)).toBeLessThanOrEqual(SNAPSHOT_LIMIT_BYTES);
  // Only the digits of the numbers in it differ.
  expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(64);
  expect(sizes.length).toBeLessThanOrEqual(HOUR_SECONDS + 2);
  expect(statSync(file).size).toBe(fileBytes);
  // A page that is loaded anew has the conversation all the same.
  const history = bench.engine.history(bench.account.talkId);
  expect(history).toHaveLength(HISTORY_LIMIT);
  expect(history.at(-1)).toMatchObject({ id: `c${HOUR_SECONDS}`, final: true });
  await bench.beat({ agentAgeMs: 9_000 });
  await bench.pass(1_500);
  // The agent gets the newest of it, as much as LiveKit takes with a job.
  const handedOn = bench.rooms.legs.at(-1)?.history ?? [];
  expect(handedOn).toEqual(history.slice(-handedOn.length));
  const handedOnBytes = Buffer.byteLength(JSON.stringify(handedOn));
  expect(handedOnBytes).toBeLessThanOrEqual(JOB_HISTORY_BYTES);
  expect(handedOnBytes).toBeGreaterThan(JOB_HISTORY_BYTES - 2 * LONGEST_TEXT.length);
});

it('hands over no more than one command of a kind, the newest, however long the agent takes none', async () => {
  await bench.toTalk();
  for (let round = 0; round < 20; round += 1) await bench.does('pause', 'resume');
  const { talkId } = bench.account;
  for (const usableSeconds of [300, 60, 15]) {
    bench.metering.emit({ type: 'lowTime', talkId, usableSeconds });
  }
  expect(bench.now.talk?.commands).toMatchObject([
    { kind: 'resume' },
    { kind: 'lowTime', usableSeconds: 15 },
  ]);
});
