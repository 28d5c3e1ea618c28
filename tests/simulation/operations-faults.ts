/** What goes wrong: lines, machines, clocks, disks and the server itself; and what the operator does about it. */
import { isRunning } from './books/leases.ts';
import type { World } from './world.ts';

export async function cutOrMend(world: World): Promise<void> {
  const cut = world.stations.filter((station) => !station.door.isLinked);
  const { door, name } = (world.random.chance(0.7) ? world.random.pick(cut) : null) ?? world.station();
  door.isLinked = !door.isLinked;
  world.note(`${name} is ${door.isLinked ? 'on the network again' : 'cut off'}`);
  await world.pass(1);
}

export async function setTrouble(world: World): Promise<void> {
  const station = world.station();
  station.door.trouble = world.random.oneOf(0, 0, 0.05, 0.3);
  world.note(`${station.name}: ${station.door.trouble * 100} % of the calls meet trouble`);
}

/** Requests on a slow way arrive. */
export async function arriveLate(world: World): Promise<void> {
  for (const { device, call } of world.delayed.splice(0)) {
    world.note(`late: ${call.name}`);
    await world.ask(world.desk.kiosk(device, call));
  }
}

export async function crash(world: World): Promise<void> {
  const station = world.station();
  world.note(`${station.name} is killed`);
  station.crash();
  await world.settle();
}

/** It dies at its next call: before the server has the request, or before it has the answer. */
export async function dieInCall(world: World): Promise<void> {
  const station = world.station();
  station.door.deathAt = world.random.oneOf('request', 'answer');
  world.note(`${station.name} will die at its next ${station.door.deathAt}`);
}

/** The dead are started again. */
export async function reviveDead(world: World): Promise<void> {
  for (const station of world.stations) {
    if (!station.door.isDead) continue;
    world.note(`${station.name} has died in a call and is started`);
    station.crash();
    await world.settle();
  }
}

export async function setWallClock(world: World): Promise<void> {
  const station = world.station();
  const ms = world.random.int(-7_200, 7_200) * 1_000;
  world.note(`the clock of ${station.name} is set by ${ms / 1000} s`);
  station.clock.moveWall(ms);
  await world.pass(1);
}

/** Much time passes at once: the kiosks sleep, hang or are switched off meanwhile. */
export async function leap(world: World): Promise<void> {
  const { random } = world;
  const minutes = random.oneOf(1, 20, 31, 45, 700, 60 * 24 * random.int(1, 9), 60 * 24 * random.int(20, 60));
  world.note(`${minutes} minutes pass at once`);
  world.nowMs += minutes * 60_000;
  for (const station of world.stations) {
    const how = minutes > 60 * 24 ? 'off' : random.oneOf('asleep', 'hangs', 'off');
    if (how === 'hangs') station.clock.freeze(minutes * 60_000);
    else station.clock.sleep(minutes * 60_000);
    if (how === 'off') station.crash();
  }
  await world.settle();
}

export async function settleSilent(world: World): Promise<void> {
  world.note('silent leases are settled, old data is thrown away');
  await world.ask(world.desk.settleSilent());
  await world.ask(world.desk.pruneOldData());
}

export async function voidLease(world: World): Promise<void> {
  const leases = [...world.desk.state.leases.values()].filter(isRunning);
  const lease = world.random.pick(leases);
  if (!lease) return;
  world.note('the operator voids a lease');
  await world.ask(world.desk.voidLease(lease.leaseId));
}

/** A stolen kiosk, and a new one in its place. */
export async function replaceKiosk(world: World): Promise<void> {
  const station = world.station();
  const index = world.stations.indexOf(station);
  world.note(`${station.name} is revoked and replaced`);
  const known = world.devices.get(station.device.kioskId);
  if (known) known.revoked = true;
  await world.ask(world.desk.revoke(station.device.kioskId));
  await world.pass(2);
  station.scrap();
  await world.place(index);
}

export async function copyDisk(world: World): Promise<void> {
  const station = world.station();
  world.note(`the disk of ${station.name} is copied`);
  station.copyDisk();
}

export async function restoreDisk(world: World): Promise<void> {
  const station = world.random.pick(world.stations.filter((one) => one.hasDiskCopy));
  if (!station) return;
  world.note(`${station.name} gets its older disk back`);
  station.restoreDisk();
  await world.settle();
}

export async function backUpServer(world: World): Promise<void> {
  world.note('the server is backed up');
  await world.desk.backUp();
  world.eventsInBackup = world.events.length;
  world.hasBackup = true;
}

/** The server is its backup again. The operator enrols and revokes as he had; Stripe's events since come again. */
export async function restoreServer(world: World): Promise<void> {
  if (!world.hasBackup) return;
  world.note('the server is restored from its backup');
  world.wasServerRestored = true;
  for (const { leaseId, status } of world.desk.state.leases.values()) {
    if (status === 'voided' || status === 'settled') world.takenBack.add(leaseId);
  }
  for (const { door } of world.stations) door.lose();
  await world.desk.restore();
  for (const { device, revoked } of world.devices.values()) {
    if (!world.desk.state.kiosks.has(device.kioskId)) await world.enrol(device);
    if (revoked && world.desk.state.kiosks.get(device.kioskId) === false) {
      await world.ask(world.desk.revoke(device.kioskId));
    }
  }
  for (const event of world.events.slice(world.eventsInBackup)) await world.ask(event.question);
  await world.pass(2);
}
