/**
 * A fleet: three station processes, each enrolled by a code, against one database, one LiveKit and the Edge Functions,
 * with no relay anywhere and no secret but their own device account. One wallet talks at all three at once and is never overspent; a revoked kiosk is turned away.
 * Page and agent are played by calls of the page's API.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRelayClient } from '../../../src-station/relay-client/relay-client.ts';
import { ScriptedPage } from '../../chaos/page.ts';
import { type Fleet, kioskInFleet, startFleet } from '../../support/fleet/fleet.ts';
import { freePort } from '../../support/processes/free-port.ts';
import { startProcess, type TestProcess } from '../../support/processes/processes.ts';
import { payAt } from '../../support/relay/relay.ts';
import { storeChargedSeconds } from '../../support/station/usage.ts';
import { until } from '../../support/stripe/stripe-sandbox.ts';

/** A talk reserves at most so much in advance: two whole ones, and a rest for the third. */
const LEASE_SECONDS = 900;
const REST_SECONDS = 6;
const WALLET_SECONDS = 2 * LEASE_SECONDS + REST_SECONDS;
/** A page beats twice a second. */
const BEAT_EVERY_MS = 500;
const PATIENCE_MS = 60_000;

interface Kiosk {
  kioskId: string;
  page: ScriptedPage;
  process: TestProcess;
}

let fleet: Fleet;
const kiosks: Kiosk[] = [];
const started: TestProcess[] = [];

beforeAll(async () => {
  fleet = await startFleet();
  kiosks.push(...(await Promise.all([startKiosk(), startKiosk(), startKiosk()])));
});
afterAll(async () => {
  for (const process of started) await process.stop();
  await fleet?.stop();
});

async function startKiosk(): Promise<Kiosk> {
  const { token: _, ...account } = await kioskInFleet(fleet);
  const port = await freePort();
  const launchSecret = randomBytes(32).toString('base64url');
  const process = await startProcess({
    entry: 'src-station/main.ts',
    port,
    env: {
      SUPABASE_URL: fleet.supabase.url,
      SUPABASE_ANON_KEY: fleet.supabase.anonKey,
      RELAY_URL: fleet.functions.url,
      // No LiveKit secret: rooms come from the functions. Page and agent are played by the test.
      LIVEKIT_URL: `ws://127.0.0.1:${fleet.livekit.options.port}`,
      KIOSK_ACCOUNT: JSON.stringify(account),
      STORE_MAC_KEY: randomBytes(32).toString('base64url'),
      LAUNCH_SECRET: launchSecret,
      PAGE_DIR: '/nonexistent',
    },
  });
  started.push(process);
  await until(async () => {
    const { database, relay, voice } = (await process.health()).checks;
    return [database, relay, voice].every((line) => line === 'ok');
  }, PATIENCE_MS);
  const page = new ScriptedPage(process.url, launchSecret);
  await page.launch();
  return { kioskId: account.kioskId, page, process };
}

/** Buys one card of exactly WALLET_SECONDS through the functions. */
async function buyCard(): Promise<string> {
  await fleet.supabase.database.admin.query(
    `insert into public.pricing_tiers (id, name, paid_seconds, price_cents) values ('fleet', 'Fleet', $1, 500)
     on conflict do nothing`,
    [WALLET_SECONDS],
  );
  const { token } = await kioskInFleet(fleet);
  const client = createRelayClient({ baseUrl: fleet.functions.url, kioskJwt: async () => token });
  const visit = { purchaseId: randomUUID(), visitId: randomUUID() };
  const begun = await client.createCheckout({ ...visit, packageId: 'fleet', userId: null });
  await payAt(begun.checkoutUrl);
  const { code } = await client.purchase(visit.purchaseId, visit.visitId);
  if (!code) throw new Error('paid, and no code');
  return code;
}

async function untilScreen(page: ScriptedPage, screen: string): Promise<void> {
  await until(async () => (await page.snapshot()).screen === screen, PATIENCE_MS);
}

async function typeCode({ page }: Kiosk, code: string): Promise<void> {
  await page.intent({ type: 'begin' });
  await untilScreen(page, 'welcome');
  await page.intent({ type: 'chooseCode' });
  await untilScreen(page, 'enterCode');
  await page.intent({ type: 'submitCode', code });
}

/** Beats as page and agent until it is stopped. */
function keepTalking({ page }: Kiosk): () => void {
  const timer = setInterval(() => {
    void (async () => {
      const { talk } = await page.snapshot();
      if (talk?.room) await page.talkOn(talk.talkId, talk.leg);
      // The talk may end between the two.
    })().catch(() => undefined);
  }, BEAT_EVERY_MS);
  return () => clearInterval(timer);
}

const chargedAt = async ({ page }: Kiosk) => (await page.snapshot()).talk?.chargedSeconds ?? 0;

async function spentInLedger(): Promise<number> {
  const { rows } = await fleet.supabase.database.admin.query<{ seconds: number }>(
    `select coalesce(sum(paid_seconds + bonus_seconds), 0)::int as seconds
     from public.ledger_entries where to_bucket = 'spent'`,
  );
  return rows[0]?.seconds ?? 0;
}

it('spends one wallet at three kiosks at once, to the second and never beyond', async () => {
  const [first, second, third] = kiosks as [Kiosk, Kiosk, Kiosk];
  const code = await buyCard();
  const stops: (() => void)[] = [];
  // One after the other, so that the third is the one that gets the rest.
  for (const kiosk of [first, second, third]) {
    await typeCode(kiosk, code);
    await untilScreen(kiosk.page, 'ready');
    await kiosk.page.intent({ type: 'startTalk' });
    stops.push(keepTalking(kiosk));
    await until(async () => (await chargedAt(kiosk)) > 0, PATIENCE_MS);
  }
  await untilScreen(third.page, 'receipt');
  expect((await third.page.snapshot()).receipt).toMatchObject({
    chargedSeconds: REST_SECONDS,
    endReason: 'time_up',
  });
  for (const { page } of [first, second]) {
    expect((await page.snapshot()).screen).toBe('talk');
    await page.intent({ type: 'endTalk' });
    await untilScreen(page, 'receipt');
  }
  for (const stop of stops) stop();

  const talked = kiosks.map(({ process }) => storeChargedSeconds(process.dataDir));
  const total = talked.reduce((sum, seconds) => sum + seconds, 0);
  expect(talked[2]).toBe(REST_SECONDS);
  await until(async () => (await spentInLedger()) === total, PATIENCE_MS);
  await until(async () => (await first.page.snapshot()).receipt?.settled === true, PATIENCE_MS);
  await until(async () => (await second.page.snapshot()).receipt?.settled === true, PATIENCE_MS);
  const { rows: wallets } = await fleet.supabase.database.admin.query<{ available: number; held: number }>(
    `select sum(paid_available_seconds + bonus_available_seconds)::int as available,
       sum(paid_held_seconds + bonus_held_seconds)::int as held from public.time_cards`,
  );
  expect(wallets).toEqual([{ available: WALLET_SECONDS - total, held: 0 }]);
  const { rows: violations } = await fleet.supabase.database.admin.query(
    'select * from public.verify_ledger()',
  );
  expect(violations).toEqual([]);
});

it('turns a revoked kiosk away at once, while the others go on', async () => {
  const [first, second] = kiosks as [Kiosk, Kiosk, Kiosk];
  const { page } = second;
  const code = await buyCard();
  for (const each of [first, second]) {
    await each.page.intent({ type: 'finish' });
    await untilScreen(each.page, 'attract');
  }
  const revoked = await fleet.supabase
    .service()
    .rpc('revoke_kiosk', { p_kiosk_id: second.kioskId, p_reason: 'stolen' });
  expect(revoked.error).toBeNull();
  await typeCode(second, code);
  await until(async () => (await page.snapshot()).problem !== null, PATIENCE_MS);
  expect(await page.snapshot()).toMatchObject({ screen: 'enterCode', wallet: null });
  await typeCode(first, code);
  await untilScreen(first.page, 'ready');
});
