/**
 * `npm run verify-usage`: proves a station's usage log, row by row, for a customer or an auditor. May run beside the
 * station and changes nothing, but for `--acknowledge`.
 *   --data DIR    data directory of the station (as for the start)
 *   --talk ID     only this talk, with each of its rows
 *   --json        for programs
 *   --export FILE every row there is, as JSON lines into a new file: also those that the server kept aside, histories
 *                 that contradict the server, and files that were set aside; for the operator to settle by hand
 *   --acknowledge ends the alarm about histories that contradict the server, once they are exported; the station must
 *                 be stopped. The rows stay where they are.
 * Exit code 1 when a row was changed, removed, added or moved, or when there is nothing to verify.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { defaultDataDir } from '../src-main/paths.ts';
import { operatorEnvironment } from '../src-main/settings/operator-environment.ts';
import { exportUsage } from '../src-station/store/export.ts';
import { UsageStore } from '../src-station/store/index.ts';
import { type TalkProof, type UsageProof, verifyUsage } from '../src-station/store/verify.ts';

/** The station's key, or null where this user may not read it. */
function macKey(dataDir: string): Uint8Array | null {
  const file = join(dataDir, 'secrets', 'local.json');
  if (!existsSync(file)) return null;
  try {
    const { storeMacKey } = z
      .object({ storeMacKey: z.string() })
      .parse(JSON.parse(readFileSync(file, 'utf8')));
    return Buffer.from(storeMacKey, 'base64url');
  } catch {
    return null;
  }
}

function talkLines(talk: TalkProof, withRows: boolean): string[] {
  const iso = (atMs: number | null) => (atMs === null ? 'open' : new Date(atMs).toISOString());
  const end = talk.endReason === null ? 'not ended' : `ended: ${talk.endReason}`;
  const sent = talk.confirmed ? 'confirmed by the server' : 'not yet confirmed by the server';
  const line = `talk ${talk.talkId}: ${iso(talk.startedAtMs)} to ${iso(talk.endedAtMs)}, ${talk.seconds} s charged, ${end}, ${sent}`;
  if (!withRows) return [line];
  const rows = talk.rows.map(
    ({ seq, atMs, kind, seconds, hash }) =>
      `  row ${seq}  ${iso(atMs)}  ${kind.padEnd(12)} ${seconds} s  ${hash.slice(0, 16)}`,
  );
  return [line, ...rows];
}

function proofLines(proof: UsageProof, talkId: string | undefined): string[] {
  const epochs = proof.epochs.map(
    ({ epoch, state, firstSeq, lastSeq, confirmedSeq, fault, acknowledgedAtMs }) =>
      `log ${epoch} (${state}${acknowledgedAtMs === null ? '' : ', acknowledged'}): ${lastSeq === 0 ? 'no rows yet' : `rows ${firstSeq} to ${lastSeq}, confirmed to ${confirmedSeq}`}: ${fault ?? 'all right'}`,
  );
  const seals = proof.sealsChecked
    ? []
    : ["The station's key is not at hand: hashes and order were checked, the seals were not."];
  return [...epochs, ...proof.talks.flatMap((talk) => talkLines(talk, talkId !== undefined)), ...seals];
}

/** One line on stderr, since stdout may be for programs. */
function writeExport(file: string, dir: string, key: Uint8Array | null, talkId: string | undefined): void {
  const lines = exportUsage(dir, key).filter(
    (line) => 'unreadable' in line || talkId === undefined || line.talkId === talkId,
  );
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  // It names wallets, and it may be evidence: for the owner only, and never over an older one.
  writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  console.error(`${lines.length} lines written to ${file}`);
}

/**
 * Ends the alarm about epochs that were kept aside.
 * @throws StoreInUseError while the station runs
 */
function acknowledge(dir: string, key: Uint8Array | null): void {
  if (key === null) throw new Error("--acknowledge needs the station's key: run it as the station's user.");
  const store = new UsageStore({ dir, key, wallMs: Date.now, lockWaitMs: 0 });
  try {
    const epochs = store.quarantined;
    store.notes.acknowledge(epochs);
    console.error(
      epochs.length === 0
        ? 'Nothing to acknowledge: no history was kept aside, or all were acknowledged before.'
        : `Acknowledged: ${epochs.join(', ')}. The rows stay in the log and in the export.`,
    );
  } finally {
    store.close();
  }
}

try {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      talk: { type: 'string' },
      json: { type: 'boolean', default: false },
      export: { type: 'string' },
      acknowledge: { type: 'boolean', default: false },
    },
  });
  if (values.acknowledge && (values.export === undefined || values.talk !== undefined))
    throw new Error(
      '--acknowledge goes with --export FILE, of all talks: what you acknowledge you have in hand.',
    );
  const env = operatorEnvironment();
  const dataDir = resolve(values.data ?? env['MINDBOT_DATA_DIR'] ?? defaultDataDir(env));
  const [dir, key] = [join(dataDir, 'station'), macKey(dataDir)];
  // First, since it also reads what is too damaged to be verified.
  if (values.export !== undefined) writeExport(values.export, dir, key, values.talk);
  const found = verifyUsage(dir, key);
  const isSound = found.epochs.every(({ fault }) => fault === null);
  if (values.acknowledge && !isSound)
    throw new Error(
      'Not acknowledged: this log is damaged or was changed; start the station, which mends it.',
    );
  if (values.acknowledge) acknowledge(dir, key);
  const whole = values.acknowledge ? verifyUsage(dir, key) : found;
  const talks = whole.talks.filter(({ talkId }) => values.talk === undefined || talkId === values.talk);
  if (values.talk !== undefined && talks.length === 0)
    throw new Error(
      `There is no talk ${values.talk} in this log. Confirmed talks are dropped from it in time.`,
    );
  const proof = { ...whole, talks };
  const faults = proof.epochs.filter(({ fault }) => fault !== null).length;
  const seconds = talks.reduce((sum, talk) => sum + talk.seconds, 0);
  if (values.json) console.log(JSON.stringify({ ok: faults === 0, ...proof }));
  else {
    for (const line of proofLines(proof, values.talk)) console.log(line);
    console.log(`verify-usage: talks=${talks.length} seconds=${seconds} faults=${faults}`);
  }
  process.exitCode = faults === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
