/**
 * How to run the embedded livekit-server: command line, configuration, and a health probe that only our own server can
 * pass. Promise: it listens on loopback only (HTTP, signalling and media) and takes only this station's key.
 */
import { AccessToken } from 'livekit-server-sdk';

/** The server release the product is built and tried with. */
export const LIVEKIT_VERSION = '1.13.4';

export interface LivekitOptions {
  port: number;
  rtcUdpPort: number;
  apiKey: string;
  apiSecret: string;
  /** Where room and participant webhooks go (the station's cross-check); none when undefined. */
  webhookUrl?: string;
}

/**
 * The configuration as the server's LIVEKIT_CONFIG variable takes it (YAML; JSON is YAML). Kept out of the command
 * line, because that is readable by everybody on the machine.
 * `tcp_port: 0`: it would otherwise listen on every interface.
 */
export function livekitConfig(options: LivekitOptions): string {
  return JSON.stringify({
    port: options.port,
    bind_addresses: ['127.0.0.1'],
    rtc: {
      udp_port: options.rtcUdpPort,
      tcp_port: 0,
      node_ip: '127.0.0.1',
      use_external_ip: false,
      enable_loopback_candidate: true,
      interfaces: { includes: [loopbackInterface()] },
    },
    keys: { [options.apiKey]: options.apiSecret },
    room: { auto_create: false, empty_timeout: 60, departure_timeout: 20 },
    logging: { level: 'warn', json: true },
    ...(options.webhookUrl ? { webhook: { api_key: options.apiKey, urls: [options.webhookUrl] } } : {}),
  });
}

function loopbackInterface(): string {
  return process.platform === 'linux' ? 'lo' : 'lo0';
}

/**
 * Asks the server on `port` for its rooms with our key: a stranger there does not know the key and refuses.
 * @returns true when it is ours and well
 */
export async function probeLivekit(options: LivekitOptions, timeoutMs: number): Promise<boolean> {
  const token = new AccessToken(options.apiKey, options.apiSecret, { ttl: 60 });
  token.addGrant({ roomList: true });
  const response = await fetch(`http://127.0.0.1:${options.port}/twirp/livekit.RoomService/ListRooms`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' },
    body: '{}',
    signal: AbortSignal.timeout(timeoutMs),
  });
  return response.ok;
}
