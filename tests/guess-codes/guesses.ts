/**
 * Guessing codes: a great many through the relay's real door, from many kiosks, against its limits; then codes of each
 * worthless kind one beside the other, compared by status, body and time.
 */
import { randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { CODE_ALPHABET, CODE_LENGTH } from '../../src-shared/activation-code.ts';
import { KIOSK_ACCOUNT, type RelayStack, startRelayStack } from '../support/relay/relay.ts';
import { kioskToken } from '../webhooks-campaign/payments.ts';
import { distinguishability, standardError } from './timing.ts';
import { WORTHLESS, type Worthless, worthlessCodes } from './worthless.ts';

export interface GuessOptions {
  guesses: number;
  /** Timed requests of each kind. */
  samples: number;
  say(line: string): void;
}

export interface GuessResult {
  tried: number;
  /** Guesses that opened a wallet. */
  hits: number;
  /** Guesses that reached the table of codes; the others were turned away by the limits. */
  lookedUp: number;
  /** How often each answer came, by status and code. */
  answers: Record<string, number>;
  /** Kinds whose refusal differs from that of an unknown code in status or body. */
  differentAnswers: string[];
  /** For each kind: how well its time is told from an unknown code's (0.5 = not at all), and the noise of that figure. */
  timing: Record<string, { area: number; noise: number }>;
  /** Kinds that can be told apart by anything. */
  distinguishable: number;
}

const KIOSKS = 20;
const AT_ONCE = 24;
/** The relay lets a kiosk ask 30 times a minute. */
const ASKS_PER_KIOSK = 25;
/** Chance alone goes beyond four standard errors once in 16,000 comparisons; a tenth is nothing one request could use. */
const MOST_NOISE = 4;
const LEAST_EFFECT = 0.1;

export async function guessCodes({ guesses, samples, say }: GuessOptions): Promise<GuessResult> {
  const stack = await startRelayStack();
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    const codes = await worthlessCodes(stack, await stack.signIn(KIOSK_ACCOUNT));
    const flood = await floodOf({ stack, agent, say }, guesses);
    const compared = await compare({ stack, agent, say }, codes, samples);
    return { ...flood, ...compared };
  } finally {
    agent.destroy();
    await stack.stop();
  }
}

interface Door {
  stack: RelayStack;
  agent: Agent;
  say(line: string): void;
}

interface Reply {
  status: number;
  body: string;
  durationMs: number;
}

function redeem({ stack, agent }: Door, token: string, code: string): Promise<Reply> {
  const body = JSON.stringify({ code, visitId: VISIT_ID, userId: null });
  return new Promise((resolve, reject) => {
    const beganAtMs = performance.now();
    const asked = request(
      `${stack.relay.url}/redeem`,
      {
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: text,
            durationMs: performance.now() - beganAtMs,
          }),
        );
      },
    );
    asked.once('error', reject);
    asked.end(body);
  });
}

const VISIT_ID = '9f7a2f3e-52f0-4a6c-8a39-0f2f1d7c1b11';

async function floodOf(door: Door, guesses: number) {
  const tokens: string[] = [];
  // One after the other: Auth hashes a password for each.
  while (tokens.length < KIOSKS) tokens.push(await kioskToken(door.stack));
  const answers: Record<string, number> = {};
  let [next, hits] = [0, 0];
  const worker = async () => {
    for (let index = next++; index < guesses; index = next++) {
      const { status, body } = await redeem(door, tokens[index % KIOSKS] ?? '', randomCode());
      if (status === 200) hits += 1;
      const answer = `${status} ${status === 200 ? 'opened' : codeOf(body)}`;
      answers[answer] = (answers[answer] ?? 0) + 1;
      if ((index + 1) % 100_000 === 0) door.say(`${index + 1} of ${guesses} guesses`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const { rows } = await door.stack.supabase.database.admin.query<{ count: number }>(
    'select count(*)::int as count from public.redeem_attempts where not accepted',
  );
  return { tried: guesses, hits, lookedUp: rows[0]?.count ?? 0, answers };
}

/** Each kind in turn, so that all see the same moment of the machine; the limits are out of the way. */
async function compare(door: Door, codes: Record<Worthless, string>, samples: number) {
  const { admin } = door.stack.supabase.database;
  // The unknown code twice: what tells it from itself is noise.
  const kinds = [...WORTHLESS, 'unknown again'] as const;
  const times = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Record<string, number[]>;
  const replies = new Map<string, Set<string>>(kinds.map((kind) => [kind, new Set<string>()]));
  let [token, asks] = ['', ASKS_PER_KIOSK];
  for (let round = 0; round < samples; round += 1) {
    for (let turn = 0; turn < kinds.length; turn += 1) {
      const kind = kinds[(turn + round) % kinds.length] ?? 'unknown';
      if (asks >= ASKS_PER_KIOSK) {
        token = await kioskToken(door.stack);
        asks = 0;
      }
      await admin.query('delete from public.redeem_attempts');
      const code = kind === 'unknown again' ? codes.unknown : codes[kind];
      const { status, body, durationMs } = await redeem(door, token, code);
      asks += 1;
      times[kind]?.push(durationMs);
      replies.get(kind)?.add(`${status} ${body}`);
    }
  }
  const reference = times['unknown'] ?? [];
  const noise = standardError(samples, samples);
  const timing: GuessResult['timing'] = {};
  for (const kind of kinds) {
    if (kind !== 'unknown') timing[kind] = { area: distinguishability(times[kind] ?? [], reference), noise };
  }
  const usual = [...(replies.get('unknown') ?? [])].join();
  const differentAnswers = kinds.filter((kind) => [...(replies.get(kind) ?? [])].join() !== usual);
  const apart = Object.keys(timing).filter((kind) => isApart(timing[kind]?.area ?? 0.5, noise));
  return { differentAnswers, timing, distinguishable: new Set([...differentAnswers, ...apart]).size };
}

function isApart(area: number, noise: number): boolean {
  return Math.abs(area - 0.5) > Math.max(LEAST_EFFECT, MOST_NOISE * noise);
}

function randomCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)]).join('');
}

function codeOf(body: string): string {
  return (JSON.parse(body) as { error?: { code?: string } }).error?.code ?? 'without a code';
}
