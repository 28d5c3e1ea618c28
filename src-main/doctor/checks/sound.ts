/** Microphone and speaker, as the kernel's list of sound devices has them (Linux). */
import { readFileSync } from 'node:fs';
import { type Check, type Finding, ok, warn } from '../check.ts';

const DEVICE_LIST = '/proc/asound/pcm';

export const checkSound: Check = () => {
  if (process.platform !== 'linux') return [ok('Sound', 'not checked on this system: try it in the talk')];
  return soundFindings(readDevices());
};

function readDevices(): string {
  try {
    return readFileSync(DEVICE_LIST, 'utf8');
  } catch {
    return '';
  }
}

/** `list` has one line a device, for example `00-00: ALC257 Analog : ALC257 Analog : playback 1 : capture 1`. */
export function soundFindings(list: string): Finding[] {
  const devices = list.split('\n').filter((line) => line.trim() !== '');
  const named = (kind: string) =>
    devices
      .filter((line) => new RegExp(`: ${kind} [1-9]`).test(line))
      .map((line) => line.split(':')[1]?.trim());
  const [microphones, speakers] = [named('capture'), named('playback')];
  const plug = 'plug one in, or give this user the group audio (sudo usermod -aG audio USER)';
  return [
    microphones.length > 0
      ? ok('Microphone', microphones.join(', '))
      : warn('Microphone', 'none on this machine: customers can type, not speak', plug),
    speakers.length > 0
      ? ok('Speaker', speakers.join(', '))
      : warn('Speaker', 'none on this machine: replies can be read, not heard', plug),
  ];
}
