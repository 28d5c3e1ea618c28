/** What of this kiosk is a demo, in the words of the banner; null when all of it is real. Pure. */
import type { VisitSnapshot } from '../../../src-shared/visit.ts';

export function demoOf({ demo }: Pick<VisitSnapshot, 'demo'>): 'both' | 'payments' | 'assistant' | null {
  if (demo.payments && demo.assistant) return 'both';
  if (demo.payments) return 'payments';
  return demo.assistant ? 'assistant' : null;
}
