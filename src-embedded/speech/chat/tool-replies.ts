/**
 * Turns the result of a tool into a spoken sentence. Pure. The station's answers carry their own sentence (`spoken`,
 * see src-shared/agent-link.ts) so that voice and screen agree; for anything else the usual fields are worded here, and
 * a plain text is said as it is. Code and markup are never read out.
 */
import { z } from 'zod';
import { spokenDuration } from '../../../src-shared/duration.ts';
import { pricingPackageSchema } from '../../../src-shared/pricing.ts';
import { namedPackage } from './intents.ts';
import { TOOL_FAILED } from './phrasebook.ts';

const SENTENCE_FIELDS = ['spoken', 'say', 'message', 'text', 'summary'];
const BALANCE_FIELDS = [
  'remainingSeconds',
  'availableSeconds',
  'balanceSeconds',
  'remaining_seconds',
  'seconds',
];
const LONGEST_PLAIN_TEXT = 600;

const packageList = z.array(
  pricingPackageSchema.partial({ paidSeconds: true, bonusSeconds: true, description: true }),
);
type SpokenPackage = z.infer<typeof packageList>[number];

/** What to say after a tool answered; `question` is what the person asked. */
export function toolReply(output: string, question: string): string {
  const value = parsed(output);
  if (typeof value === 'string') return plainText(value);
  if (typeof value !== 'object' || value === null) return TOOL_FAILED;
  const record = value as Record<string, unknown>;
  const data = isRecord(record['data']) ? record['data'] : record;
  const asked = onePackage(data, question);
  if (asked) return asked;
  for (const field of SENTENCE_FIELDS) {
    const sentence = record[field];
    if (typeof sentence === 'string' && sentence.trim()) return sentence.trim();
  }
  return worded(data) ?? TOOL_FAILED;
}

/** Ids and names of packages that a tool's answer lists. */
export function listedPackages(output: string): SpokenPackage[] {
  const value = parsed(output);
  const record = isRecord(value) ? value : {};
  const data = isRecord(record['data']) ? record['data'] : record;
  return packagesIn(Array.isArray(value) ? { packages: value } : data);
}

/** `1999` of `usd` as `$19.99`. */
export function spokenPrice(cents: number, currency: string): string {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(cents / 100);
}

function onePackage(data: Record<string, unknown>, question: string): string | undefined {
  const packages = packagesIn(data);
  const id = namedPackage(
    question,
    packages.map((offer) => offer.id),
  );
  const offer = packages.find((candidate) => candidate.id === id);
  return offer && `${wordOffer(offer)} Would you like to buy the ${offer.name} package?`;
}

function worded(data: Record<string, unknown>): string | undefined {
  const packages = packagesIn(data);
  if (packages.length > 0) return packages.map(wordOffer).join(' ');
  for (const field of BALANCE_FIELDS) {
    const seconds = data[field];
    if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds >= 0) {
      return seconds === 0 ? 'You have no time left.' : `You have ${spokenDuration(seconds)} left.`;
    }
  }
  return undefined;
}

function wordOffer(offer: SpokenPackage): string {
  const seconds = (offer.paidSeconds ?? 0) + (offer.bonusSeconds ?? 0);
  const time = seconds > 0 ? `: ${spokenDuration(seconds)} for` : ' is';
  return `${offer.name}${time} ${spokenPrice(offer.priceCents, offer.currency)}.`;
}

function packagesIn(data: Record<string, unknown>): SpokenPackage[] {
  const list = packageList.safeParse(data['packages']);
  return list.success ? list.data : [];
}

function plainText(text: string): string {
  const clean = text.trim();
  if (!clean || clean.length > LONGEST_PLAIN_TEXT || /[{}<>]|\berror\b/i.test(clean)) return TOOL_FAILED;
  return clean;
}

/** A tool's text may itself be JSON, once or twice wrapped. */
function parsed(output: string): unknown {
  let value: unknown = output;
  for (let depth = 0; depth < 2 && typeof value === 'string'; depth += 1) {
    try {
      value = JSON.parse(value);
    } catch {
      return value;
    }
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
