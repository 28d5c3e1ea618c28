/** What happens at the kiosks: talks begin, go on, pause and end; wallets are used at several of them at once. */
import type { Question } from './questions.ts';
import type { Station } from './station.ts';
import type { World } from './world.ts';

export async function beginTalk(world: World): Promise<void> {
  const { random } = world;
  const free = world.stations.filter(({ talk, visits, core }) => {
    return !talk && visits.length > 0 && core.keptSeconds === 0;
  });
  const station = random.pick(free);
  const visit = station && world.visitAt(station);
  if (!station || !visit) return;
  const outcome = await station.openTalk(random.uuid(), visit);
  await world.settle();
  world.note(`${station.name} opens a talk: ${outcome}`);
}

export async function talk(world: World): Promise<void> {
  const { random } = world;
  const seconds = random.chance(0.08) ? random.int(60, 600) : random.int(1, 15);
  const before = world.stations.map((station) => seen(station));
  world.note(`${seconds} seconds pass`);
  await world.pass(seconds);
  for (const [index, station] of world.stations.entries()) {
    const [then, now] = [before[index], seen(station)];
    if (!then || !now || then.talkId !== now.talkId) continue;
    const charged = now.chargedSeconds - then.chargedSeconds;
    const isWhole = then.isCharging && now.isCharging && then.stops === now.stops;
    world.witness.check(charged <= seconds + 1, 'more was charged than time passed', { seconds, then, now });
    world.witness.check(!isWhole || charged >= seconds - 1, 'talked time was not charged', {
      seconds,
      then,
      now,
    });
  }
}

/** A talk as it is now; null when there is none. */
function seen({ talk: account, stops }: Station) {
  if (!account) return null;
  const { talkId, chargedSeconds, state } = account;
  return { talkId, chargedSeconds, stops, isCharging: state === 'charging' };
}

export async function endTalk(world: World): Promise<void> {
  const station = world.random.pick(world.stations.filter((one) => one.talk));
  if (!station) return;
  if (world.random.chance(0.3)) {
    station.door.isLinked = false;
    world.note(`${station.name} is cut off`);
    await world.pass(world.random.int(0, 10));
  }
  world.note(`${station.name} ends its talk after ${station.talk?.chargedSeconds} s`);
  station.endTalk();
  await world.settle();
}

/**
 * A talk has ended and the server is not to be reached: the customer talks on with what is still reserved, or leaves,
 * or somebody else is quicker (where nobody waits, talks go on). A kiosk that is cut off must let them talk on (but with a clock that can't be right).
 */
export async function talkOnOrLeave(world: World): Promise<void> {
  const { random, witness } = world;
  const station = random.pick(world.stations.filter(({ talk, core }) => !talk && core.keptSeconds > 0));
  const own = station?.lastVisit;
  if (!station || !own) return talk(world);
  const { door, name, core } = station;
  world.note(`${name} has ${core.keptSeconds} s still reserved`);
  if (random.chance(0.2)) {
    core.walletIs(null);
    witness.check(core.keptSeconds === 0, 'seconds stay reserved for nobody', name);
    return world.settle();
  }
  const visit = random.chance(0.9) ? own : (world.visitAt(station) ?? own);
  const outcome = await station.openTalk(random.uuid(), visit);
  await world.settle();
  world.note(`${name} opens a talk: ${outcome}`);
  const isSound = outcome === 'begun' || outcome === 'clock_wrong' || visit !== own;
  witness.check(door.isLinked || door.isDead || isSound, 'reserved seconds could not be used', outcome);
}

export async function pauseOrResume(world: World): Promise<void> {
  const talking = world.stations.filter((station) => station.talk);
  const paused = talking.filter((station) => station.talk?.state === 'paused_by_customer');
  const station = world.random.pick(paused) ?? world.random.pick(talking);
  if (!station?.talk) return;
  const { talk: account, name } = station;
  const isPaused = account.state === 'paused_by_customer';
  world.note(`${name}: ${isPaused ? 'resume' : 'pause'}`);
  if (isPaused) account.resume();
  else account.pause();
  await world.settle();
}

/** The assistant fails, or comes back. */
export async function sickenOrHeal(world: World): Promise<void> {
  const sick = world.stations.filter((one) => !one.isHealthy);
  const station = world.random.pick(sick) ?? world.station();
  station.isHealthy = !station.isHealthy;
  world.note(`${station.name}: the assistant is ${station.isHealthy ? 'well' : 'away'}`);
}

export async function balance(world: World): Promise<void> {
  const station = world.station();
  const visit = world.visitAt(station);
  if (!visit) return;
  world.note(`${station.name} asks for a balance`);
  await station.settle(station.core.balance(visit.userId));
  await world.settle();
}

/** Two things that touch the same wallet or card, at the very same time. */
export async function race(world: World): Promise<void> {
  const pair = world.random.pick(pairs(world));
  if (!pair) return;
  world.note(`at the same time: ${pair[0].call.name} and ${pair[1].call.name}`);
  await world.desk.race(pair[0], pair[1]);
  await giveBackRaced(world);
}

const RACE_VISIT = '00000000-0000-4000-8000-000000000001';

function pairs(world: World): [Question, Question][] {
  const { random, desk, stations } = world;
  const found: [Question, Question][] = [];
  const userId = random.pick(world.wallets());
  const here = world.station();
  const there = stations.find((station) => station !== here) ?? here;
  const code = random.pick([...desk.state.cards.values()].slice(-30));
  const sale = random.pick(
    world.sales.slice(-25).filter((one) => one.paid && one.refundedCents < one.priceCents),
  );
  const redeemAt = (station: Station) =>
    desk.redeem({
      lookup: code?.lookup ?? '',
      kioskId: station.device.kioskId,
      visitId: RACE_VISIT,
      userId: null,
    });
  if (code) found.push([redeemAt(here), redeemAt(there)]);
  const opens = stations.flatMap((station) => {
    const visit = station.visits.find((one) => one.userId === userId);
    return visit ? [openFor(world, station, visit)] : [];
  });
  const [first, second] = opens;
  if (userId === undefined || !first) return found;
  found.push([first, desk.deduct(userId, 1, random.uuid())]);
  found.push([desk.deduct(userId, 1, random.uuid()), first]);
  const other = random.pick(world.wallets());
  if (other !== undefined) found.push([desk.merge(userId, other), first], [first, desk.merge(userId, other)]);
  if (second) found.push([first, second], [second, first]);
  if (sale) {
    const refundId = `re_${random.uuid()}`;
    const entry = { paymentIntentId: sale.paymentIntentId, refundId, amountCents: 1 };
    found.push([first, desk.refund(entry, 'race')], [desk.refund(entry, 'race'), first]);
    sale.refundedCents += 1;
  }
  return found;
}

function openFor(world: World, station: Station, visit: { userId: string; visitId: string }): Question {
  const leaseId = `${RACE_LEASE}${world.random.uuid().slice(8)}`;
  const seconds = world.random.int(1, 900);
  return world.desk.kiosk(station.device, { name: 'open_lease', leaseId, ...visit, seconds });
}

/** Leases of a race belong to no talk; the operator gives them back. */
const RACE_LEASE = 'facade00';

async function giveBackRaced(world: World): Promise<void> {
  for (const lease of world.desk.state.leases.values()) {
    if (lease.status !== 'open' || !lease.leaseId.startsWith(RACE_LEASE)) continue;
    await world.ask(world.desk.voidLease(lease.leaseId));
  }
}
