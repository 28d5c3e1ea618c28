/**
 * One question put to the providers of a list until one answers: the rule of mind and voice alike. Promises: the next is
 * asked only while nothing of an answer has come; one that stands alone is asked once more, unless its answer would be
 * the same; every fault is told, also one that the next made good.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ProviderError } from './fault.ts';
import type { ProviderList } from './provider-list.ts';

/** That hides a hiccup, and no more tries would; they only lengthen the silence. */
const AGAIN_AFTER_MS = 300;

export interface Question<Provider> {
  providers: ProviderList<Provider>;
  /** Asks one of them. `isLast`: none is left after it. @returns what went wrong, undefined when nothing did */
  ask(provider: Provider, isLast: boolean): Promise<ProviderError | undefined>;
  /** Something of the answer has come; half of it is never begun again. */
  hasBegun(): boolean;
  /** Nobody wants the answer any more. */
  isAborted(): boolean;
  onFault(fault: ProviderError): void;
}

/** @returns the last fault where the question stayed without a whole answer; undefined when it has one, or was aborted */
export async function askInOrder<Provider>(question: Question<Provider>): Promise<ProviderError | undefined> {
  const { providers, hasBegun, isAborted, onFault } = question;
  const order = providers.order;
  let fault: ProviderError | undefined;
  for (const [index, provider] of order.entries()) {
    const isLast = index === order.length - 1;
    fault = await question.ask(provider, isLast);
    if (fault?.isPassing && order.length === 1 && !hasBegun() && !isAborted()) {
      await pause(AGAIN_AFTER_MS);
      fault = await question.ask(provider, isLast);
    }
    if (isAborted()) return undefined;
    if (!fault) {
      providers.works(provider);
      return undefined;
    }
    providers.failed(provider);
    onFault(fault);
    if (hasBegun()) break;
  }
  return fault;
}
