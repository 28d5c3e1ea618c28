/** Listens to the keys of a field, and says when all of them together are a code, or a scan that is none. */
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { type Burst, hasPaused, readBurst, withLetter } from './scan.ts';

/** After the last key of a scanner that presses no Enter. */
const SCAN_IS_OVER_MS = 150;
/** Keys that write nothing and belong to the next one. */
const HELPERS: readonly string[] = ['Shift', 'CapsLock', 'AltGraph', 'Alt', 'Dead'];

/** @returns the listener for the field's keys; it keeps a key from the field when the code was handed over */
export function useScanner(on: { code(code: string, entered: boolean): void; unreadable(): void }) {
  const burst = useRef<Burst | undefined>(undefined);
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const read = (event: KeyboardEvent, entered: boolean) => {
    const found = burst.current && readBurst(burst.current);
    if (!found || found.is === 'typed') return;
    event.preventDefault();
    if (found.is === 'code') on.code(found.code, entered);
    else on.unreadable();
  };
  return (event: KeyboardEvent) => {
    if (HELPERS.includes(event.key)) return;
    window.clearTimeout(timer.current);
    if (event.key === 'Enter') {
      if (burst.current && !hasPaused(burst.current, event.timeStamp)) read(event, true);
      burst.current = undefined;
      return;
    }
    // A key held down is as fast as a scanner; any other key than one that writes changes what is in the field.
    const writes = [...event.key].length === 1 && !event.ctrlKey && !event.metaKey && !event.repeat;
    burst.current = writes ? withLetter(burst.current, event.key, event.timeStamp) : undefined;
    if (!burst.current) return;
    const found = readBurst(burst.current);
    if (found.is === 'code') read(event, false);
    if (found.is === 'unreadable') timer.current = window.setTimeout(on.unreadable, SCAN_IS_OVER_MS);
  };
}
