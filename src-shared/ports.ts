/**
 * The one table of loopback ports. Every port is an offset into a range of 100, so `--port-base N` moves a whole
 * station into N … N+99 and several run side by side. With the default base the numbers that operators know come out:
 * relay 8003, metrics 8080, agent health 8090.
 */

export const DEFAULT_PORT_BASE = 8000;

const PORT_OFFSETS = {
  relay: 3,
  station: 10,
  supabase: 20,
  stripe: 30,
  speech: 40,
  livekit: 50,
  livekitRtcUdp: 51,
  lan: 60,
  metrics: 80,
  agentHealth: 90,
  agentWorker: 91,
} as const;

export type PortName = keyof typeof PORT_OFFSETS;
export type Ports = Record<PortName, number>;

/**
 * The ports of a station whose range starts at `base`.
 * @param base first port of the range, 1024 … 65436
 * @throws RangeError when the range does not fit
 */
export function portsFrom(base: number): Ports {
  if (!Number.isInteger(base) || base < 1024 || base > 65_436) {
    throw new RangeError(`--port-base must be a whole number from 1024 to 65436, not ${base}`);
  }
  const entries = Object.entries(PORT_OFFSETS).map(([name, offset]) => [name, base + offset]);
  return Object.fromEntries(entries) as Ports;
}
