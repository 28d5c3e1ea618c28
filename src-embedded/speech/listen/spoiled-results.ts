/**
 * The messages of the ears with the ordered fault in them. What was said before the order stays said; a fault happens to
 * results, live ones too, and a final one uses up one of its times. Promise: order is kept, delays too.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Faults } from '../faults.ts';

export interface MessageSink {
  /** Sends a text as it is. */
  send(text: string): void;
  /** Closes the connection with this code. */
  close(code: number): void;
}

const GARBAGE = '{"type":"Results","channel":';
/** Deepgram's code for a connection that it gives up. */
const SERVER_FAULT_CODE = 1011;

export interface SpoiledSender {
  /** Sends a message as JSON, as the fault of that moment has it. */
  send(message: object): void;
  /** Resolves when what was held back is sent. */
  drained(): Promise<void>;
}

export function spoiledSender(faults: Faults, sink: MessageSink): SpoiledSender {
  let earlier: Promise<void> | undefined;
  const now = (message: object, fault: Fault | undefined) => {
    if (fault?.kind === 'silent') return;
    sink.send(fault?.kind === 'garbage' ? GARBAGE : JSON.stringify(message));
    if (fault?.kind === 'cut') sink.close(SERVER_FAULT_CODE);
  };
  return {
    send(message) {
      const fault = faultOf(message, faults);
      const delayMs = fault?.kind === 'slow' && isFinal(message) ? fault.delayMs : 0;
      if (!earlier && delayMs === 0) return now(message, fault);
      const delayed = delayMs > 0 ? pause(delayMs) : undefined;
      const sent = (earlier ?? Promise.resolve()).then(async () => {
        await delayed;
        now(message, fault);
        if (earlier === sent) earlier = undefined;
      });
      earlier = sent;
    },
    drained: async () => earlier,
  };
}

function faultOf(message: object, faults: Faults): Fault | undefined {
  const fault = faults.of('ears');
  if (!fault || !isResult(message)) {
    // Nothing at all comes from ears that are silent.
    return fault?.kind === 'silent' ? fault : undefined;
  }
  return isFinal(message) || fault.kind === 'cut' ? faults.take('ears') : fault;
}

function isResult(message: object): boolean {
  return 'type' in message && (message.type === 'Results' || message.type === 'TurnInfo');
}

function isFinal(message: object): boolean {
  return 'event' in message
    ? message.event === 'EndOfTurn'
    : 'is_final' in message && message.is_final === true;
}
