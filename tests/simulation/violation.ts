/** What the simulation throws when something is not as it must be; it ends the run. */
export class Violation extends Error {
  override name = 'Violation';
}

/** @throws Violation unless `holds` */
export function must(holds: boolean, what: string, details?: unknown): asserts holds {
  if (!holds) throw new Violation(details === undefined ? what : `${what}: ${JSON.stringify(details)}`);
}
