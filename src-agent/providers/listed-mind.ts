/**
 * The minds of a list as one, as the framework takes it. The framework's own adapter was not used: it writes what was
 * said into the log, asks a failed provider the whole talk again to see whether it is back, and takes an empty answer for
 * a good one. Promises: while nothing of an answer has come, the next of the list gives it; a mind that refuses, hangs,
 * breaks off or answers nothing is a fault, told without a word of the talk.
 */
import { llm } from '@livekit/agents';
import { askInOrder } from './ask-in-order.ts';
import { ProviderError, providerErrorOf } from './fault.ts';
import type { Mind } from './mind.ts';
import type { ProviderList } from './provider-list.ts';

/** Longest wait for the first token where another mind can take over, and where there is none. */
const FIRST_TOKEN_MS = { withNext: 4_000, last: 8_000 };
/** Longest wait between two tokens. */
const STALL_MS = 6_000;

export interface ListedMindOptions {
  minds: ProviderList<Mind>;
  /** Told of each fault, also of one that another mind made good. */
  onFault(fault: ProviderError): void;
  /** Longest wait for the first token, in milliseconds; for tests. */
  firstTokenMs?: number;
}

type ChatOptions = Parameters<llm.LLM['chat']>[0];

export class ListedMind extends llm.LLM {
  readonly #options: ListedMindOptions;

  constructor(options: ListedMindOptions) {
    super();
    this.#options = options;
  }

  label(): string {
    return 'mindbot.ListedMind';
  }

  override get model(): string {
    return this.#options.minds.order[0]?.name.model ?? '';
  }

  chat(options: ChatOptions): llm.LLMStream {
    return new MindStream(this, options, this.#options);
  }
}

class MindStream extends llm.LLMStream {
  readonly #chat: ChatOptions;
  readonly #options: ListedMindOptions;
  #begun = false;

  constructor(owner: ListedMind, chat: ChatOptions, options: ListedMindOptions) {
    const { chatCtx, toolCtx } = chat;
    // Tries are counted here, not by the framework.
    super(owner, { chatCtx, ...(toolCtx ? { toolCtx } : {}), connOptions: ONCE });
    this.#chat = chat;
    this.#options = options;
  }

  protected override async run(): Promise<void> {
    const { minds, onFault, firstTokenMs } = this.#options;
    const fault = await askInOrder({
      providers: minds,
      ask: (mind, isLast) =>
        this.#think(mind, firstTokenMs ?? (isLast ? FIRST_TOKEN_MS.last : FIRST_TOKEN_MS.withNext)),
      hasBegun: () => this.#begun,
      isAborted: () => this.abortController.signal.aborted,
      onFault,
    });
    if (fault) throw fault;
  }

  async #think(mind: Mind, firstTokenMs: number): Promise<ProviderError | undefined> {
    const model = mind.open();
    let failure: Error | undefined;
    model.on('error', ({ error }) => {
      failure = error;
    });
    const stream = model.chat({ ...this.#chat, connOptions: ONCE });
    let overdue = false;
    const expect = (durationMs: number) =>
      setTimeout(() => {
        overdue = true;
        stream.close();
      }, durationMs);
    let timer = expect(firstTokenMs);
    const leave = () => stream.close();
    this.abortController.signal.addEventListener('abort', leave, { once: true });
    let answered = false;
    try {
      for await (const chunk of stream) {
        if (llm.hasResponse(chunk)) {
          answered = true;
          this.#begun = true;
          clearTimeout(timer);
          timer = expect(STALL_MS);
        }
        if (!this.queue.closed) this.queue.put(chunk);
      }
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
      this.abortController.signal.removeEventListener('abort', leave);
    }
    if (overdue) return new ProviderError(mind.name, answered ? 'cut' : 'slow');
    if (failure) return providerErrorOf(mind.name, failure, answered);
    return answered ? undefined : new ProviderError(mind.name, 'empty');
  }
}

const ONCE = { maxRetry: 0, retryIntervalMs: 0, timeoutMs: STALL_MS };
