/**
 * What the assistant does in one talk besides answering: greets, obeys the station's commands, takes typed words, and
 * comes back after a provider's failure. Promises: while paused it neither hears nor speaks; the words about honesty and
 * money are heard even if the customer speaks first; a failure is told to the station in the heartbeat while it lasts.
 */
import { type llm, voice } from '@livekit/agents';
import type { AgentHeartbeat, JobMetadata } from '../src-shared/agent-link.ts';
import { pause } from '../src-shared/retry.ts';
import type { AgentCommand } from '../src-shared/visit.ts';
import { AnswerWatch } from './answer-watch.ts';
import { Hearing } from './hearing.ts';
import { type Phrases, phrasesFor } from './phrases.ts';
import { Recovery } from './recovery.ts';
import type { SocketState } from './speech/lasting-socket.ts';

/** Time for "I am an AI assistant": so long the greeting can't be interrupted. */
const PROTECTED_GREETING_MS = 3_000;
/** A reply that has not begun by then never will: tools give up after 8 s. */
const THINKING_LIMIT_MS = 14_000;
/** Longest wait for the first sound of our own words. */
const FIRST_SOUND_MS = 12_000;

export interface ConversationOptions {
  job: JobMetadata;
  /** Connects speech recognition anew. */
  listenAnew(): void;
  /** Whether any mind answers now. */
  mindAnswers(): Promise<boolean>;
}

export class Conversation {
  readonly #job: JobMetadata;
  readonly #phrases: Phrases;
  readonly #hearing: Hearing;
  readonly #recovery: Recovery;
  readonly #answers: AnswerWatch;
  #session: voice.AgentSession | undefined;
  #thinking: NodeJS.Timeout | undefined;
  #started = false;
  /** Wall clock, as the framework gives it: from here on all that is said goes to the recogniser. */
  #listensSinceMs = Number.POSITIVE_INFINITY;
  #greeted = false;
  #paused = false;
  #ended = false;

  constructor(options: ConversationOptions) {
    this.#job = options.job;
    this.#phrases = phrasesFor(options.job.locale, options.job.demo);
    this.#hearing = new Hearing({
      onLost: () => this.#recovery.failed(),
      onDeaf: () => this.#say(this.#phrases.cannotHear),
      onNoWords: () => options.listenAnew(),
    });
    this.#answers = new AnswerWatch(() => {
      if (!this.#recovery.failing) this.#say(this.#phrases.noAnswer);
    });
    this.#recovery = new Recovery({
      ready: async () => this.#hearing.settled && (await options.mindAnswers()),
      speak: () => this.#comeBack(),
      wait: pause,
      nowMs: () => performance.now(),
    });
  }

  /** Takes over a session that has not started yet. */
  attach(session: voice.AgentSession): void {
    this.#session = session;
    session.on(voice.AgentSessionEventTypes.Error, () => this.#recovery.failed());
    session.on(voice.AgentSessionEventTypes.AgentStateChanged, ({ newState }) => {
      this.#watchThinking(newState);
      this.#answers.agentIs(newState);
    });
    session.on(voice.AgentSessionEventTypes.UserStateChanged, ({ newState }) => {
      if (newState === 'speaking') this.#answers.excuse();
    });
    session.on(voice.AgentSessionEventTypes.UserInputTranscribed, ({ transcript }) => {
      if (transcript) this.#hearing.words();
    });
    session.on(
      voice.AgentSessionEventTypes.UserTranscriptionTimeout,
      ({ speechDuration, vadSpeechStartedAt }) => {
        // The recogniser is not given what was said into the protected greeting.
        if (vadSpeechStartedAt > this.#listensSinceMs) this.#hearing.noWords(speechDuration);
      },
    );
    session.on(voice.AgentSessionEventTypes.Close, () => this.close());
  }

  /** The first words: a greeting, or in a later leg that one is back. To be called once the session has started. */
  open(): void {
    this.#started = true;
    void this.#greet();
  }

  earsAre(state: SocketState): void {
    // What was being said when they went away will never be whole: it is not answered, but asked for again.
    if (state !== 'open' && this.#started) this.#session?.clearUserTurn();
    this.#hearing.is(state);
  }

  /** False while the customer can't be heard and was told so. */
  get hears(): boolean {
    return this.#hearing.hears;
  }

  /** Typed words of the customer: they interrupt whatever is being said. */
  typed(text: string): void {
    if (!this.attentive || !text.trim()) return;
    this.#answers.excuse();
    this.#session?.interrupt({ force: true });
    this.#session?.generateReply({ userInput: text.trim() });
  }

  /** False while nothing may be heard or answered. */
  get attentive(): boolean {
    return !this.#paused && !this.#ended;
  }

  /** What the meter is told. */
  get heartbeatState(): AgentHeartbeat['state'] {
    if (this.#recovery.failing) return 'failing';
    const state = this.#session?.agentState ?? 'initializing';
    return state === 'idle' ? 'listening' : state;
  }

  /** Carries out a command of the station. @throws Error before the session has started: the page tries again */
  obey(command: AgentCommand): void {
    const session = this.#session;
    if (!session) throw new Error('not started yet');
    switch (command.kind) {
      case 'pause':
        this.#fallSilent(session);
        this.#paused = true;
        break;
      case 'resume':
        session.input.setAudioEnabled(true);
        this.#paused = false;
        break;
      case 'lowTime':
        this.#say(this.#phrases.lowTime(command.usableSeconds));
        break;
      case 'stillThere':
        this.#say(this.#phrases.stillThere);
        break;
      case 'toppedUp':
        this.#say(this.#phrases.toppedUp(command.remainingSeconds));
        break;
      case 'goodbye': {
        this.#fallSilent(session);
        const lastWords = command.reason === 'time_up' ? this.#phrases.timeUp : this.#phrases.goodbye;
        session.say(lastWords, { allowInterruptions: false });
        this.#ended = true;
      }
    }
  }

  close(): void {
    this.#ended = true;
    clearTimeout(this.#thinking);
    this.#answers.excuse();
    this.#hearing.close();
    this.#recovery.close();
  }

  /** Stops speaking and hearing. */
  #fallSilent(session: voice.AgentSession): void {
    this.#answers.excuse();
    session.interrupt({ force: true });
    session.input.setAudioEnabled(false);
  }

  #say(text: string): void {
    if (this.attentive) this.#session?.say(text);
  }

  get #opening(): string {
    const { history, leg, locale, formerLocale, customerName: name, remainingSeconds, demo } = this.#job;
    if (formerLocale !== null && formerLocale !== locale) return this.#phrases.languageChanged;
    if (history.length > 0 || leg > 1) return this.#phrases.welcomeBack;
    return this.#phrases.greeting({ name, remainingSeconds, demo });
  }

  /** Uninterruptible at first, so that it neither waits for a customer who is talking nor gives way to them. */
  async #greet(): Promise<boolean> {
    const greeting = this.#session?.say(this.#opening, { allowInterruptions: false });
    if (!greeting) return false;
    const heard = await this.#isHeard(greeting);
    this.#greeted ||= heard;
    setTimeout(() => {
      greeting.allowInterruptions = true;
      this.#listensSinceMs = Date.now();
    }, PROTECTED_GREETING_MS);
    return heard;
  }

  async #comeBack(): Promise<boolean> {
    if (!this.attentive) return true;
    if (!this.#greeted) return this.#greet();
    const session = this.#session;
    return session ? this.#isHeard(session.say(this.#phrases.afterTrouble)) : false;
  }

  /** Resolves with true when our voice begins, with false when the speech came to nothing. */
  #isHeard(speech: voice.SpeechHandle): Promise<boolean> {
    return new Promise((resolve) => {
      const session = this.#session;
      const changed = voice.AgentSessionEventTypes.AgentStateChanged;
      const settle = (heard: boolean) => {
        clearTimeout(overdue);
        session?.off(changed, listen);
        resolve(heard);
      };
      const listen = ({ newState }: { newState: voice.AgentState }) => {
        if (newState === 'speaking') settle(true);
      };
      const overdue = setTimeout(() => settle(false), FIRST_SOUND_MS);
      session?.on(changed, listen);
      speech.addDoneCallback(() => settle(spokenWords(speech.chatItems)));
    });
  }

  #watchThinking(state: voice.AgentState): void {
    clearTimeout(this.#thinking);
    if (state !== 'thinking') return;
    this.#thinking = setTimeout(() => {
      this.#session?.interrupt({ force: true });
      this.#recovery.failed();
    }, THINKING_LIMIT_MS);
  }
}

/** Whether anything of a speech was really played. */
function spokenWords(items: readonly llm.ChatItem[]): boolean {
  return items.some((item) => item.type === 'message' && (item.textContent ?? '') !== '');
}
