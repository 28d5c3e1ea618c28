/**
 * The visit on disk, so that a killed station comes back to the same screen. Promises: readable by the owner only,
 * replaced whole or not at all, gone with the visit, and never a spoken word in it.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { balanceSchema } from '../../src-shared/relay-api.ts';
import { localeSchema, receiptViewSchema, screenSchema } from '../../src-shared/visit.ts';
import { emptyVisit, purchaseMemorySchema, type VisitContext } from './context.ts';

const visitFileSchema = z.object({
  version: z.literal(1),
  savedAtMs: z.number(),
  visitId: z.uuid(),
  screen: screenSchema,
  locale: localeSchema,
  wallet: balanceSchema.nullable(),
  code: z.string().nullable(),
  purchase: purchaseMemorySchema.nullable(),
  receipt: receiptViewSchema.nullable(),
});

export interface VisitFile {
  save(visit: VisitContext): void;
  /** The visit as it was saved, and when; null when there is none or it makes no sense. */
  load(): { visit: VisitContext; savedAtMs: number } | null;
  remove(): void;
}

/** What of the visit goes to disk, as text that is equal for equal visits. */
export function visitFileText(visit: VisitContext): string {
  const { visitId, screen, locale, wallet, code, purchase, receipt } = visit;
  return JSON.stringify({ visitId, screen, locale, wallet, code, purchase, receipt });
}

/** Keeps the visit in `dir/visit.json`. `wallMs` is the wall clock. */
export function openVisitFile(dir: string, wallMs: () => number): VisitFile {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'visit.json');
  return {
    save: (visit) => {
      const content = { version: 1, savedAtMs: wallMs(), ...JSON.parse(visitFileText(visit)) };
      replaceFile(path, JSON.stringify(content));
    },
    load: () => {
      const parsed = visitFileSchema.safeParse(readJson(path));
      if (!parsed.success) return null;
      const { savedAtMs, version: _, ...visit } = parsed.data;
      return { visit: { ...emptyVisit(), ...visit }, savedAtMs };
    },
    remove: () => {
      rmSync(path, { force: true });
      rmSync(`${path}.new`, { force: true });
    },
  };
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function replaceFile(path: string, text: string): void {
  const handle = openSync(`${path}.new`, 'w', 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${path}.new`, path);
}
