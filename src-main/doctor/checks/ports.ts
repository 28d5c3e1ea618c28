/** The ports: free, or held by the station that runs on this data directory. */
import { takenPorts } from '../../host/free-ports.ts';
import { type Check, fail, ok } from '../check.ts';

export const checkPorts: Check = async ({ ports: all, stationPid }) => {
  // Needed with --lan only.
  const { lan: _, ...ports } = all;
  const numbers = Object.values(ports).sort((a, b) => a - b);
  const range = `${numbers[0]} … ${numbers.at(-1)}`;
  const taken = await takenPorts(ports);
  if (taken.length === 0) return [ok('Ports', `${range} are free`)];
  if (stationPid !== null) {
    return [ok('Ports', `${range}: ${taken.length} held by the running station (process ${stationPid})`)];
  }
  const list = taken.map(({ name, port }) => `${port} (${name})`).join(', ');
  return [
    fail('Ports', `another program uses ${list}`, 'stop it, or start with --port-base N (for example 8200)'),
  ];
};
