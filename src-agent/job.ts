/**
 * One talk of one customer in one room, in a process of its own (LiveKit job). Waits for the customer, talks, beats;
 * ends with its room, its worker, or its session, so that the station notices and can make a new leg.
 */
import { defineAgent, type JobContext, llm, voice } from '@livekit/agents';
import { CUSTOMER_IDENTITY, type JobMetadata, jobMetadataSchema } from '../src-shared/agent-link.ts';
import { AGENT_PATIENCE_MS } from '../src-shared/limits.ts';
import { Conversation } from './conversation.ts';
import { readAgentEnvironment } from './environment.ts';
import { instructionsFor } from './instructions.ts';
import { tryLocalModels } from './local-models.ts';
import { reportFault } from './providers/fault-report.ts';
import { createSession } from './session.ts';
import {
  captionStream,
  type Incoming,
  SpokenAnswer,
  spokenStream,
  withCaptions,
} from './speech/spoken-answer.ts';
import { StationLink } from './station-link.ts';
import { agentTools } from './tools/index.ts';

export default defineAgent({
  prewarm: async (process) => {
    process.userData['localModels'] = (await tryLocalModels()) === 'ok';
  },
  entry: async (ctx: JobContext) => {
    const job = jobMetadataSchema.parse(JSON.parse(ctx.job.metadata));
    const env = readAgentEnvironment();
    const conversation = new Conversation({
      job,
      listenAnew: () => talk.listenAnew(),
      mindAnswers: () => talk.mindAnswers(),
    });
    const talk = createSession({
      env,
      job,
      localModels: ctx.proc.userData['localModels'] === true,
      onHearing: (state) => conversation.earsAre(state),
      onFault: (fault) => void reportFault(env.HEALTH_CHECK_PORT, job.talkId, fault),
    });
    const { session } = talk;
    conversation.attach(session);
    // The framework keeps the job alive after the session closed; nothing else ends it.
    session.on(voice.AgentSessionEventTypes.Close, () => ctx.shutdown('session closed'));
    await ctx.connect();
    const link = new StationLink(ctx.room);
    const stopBeating = link.startHeartbeat(() => ({
      state: conversation.heartbeatState,
      hears: conversation.hears,
    }));
    ctx.addShutdownCallback(async () => {
      stopBeating();
      conversation.close();
    });
    // The room may be made ahead for a talk that never begins.
    const nobody = setTimeout(() => ctx.shutdown('nobody came'), AGENT_PATIENCE_MS);
    await ctx.waitForParticipant(CUSTOMER_IDENTITY);
    clearTimeout(nobody);
    await session.start({
      agent: new Assistant(conversation, job, link),
      room: ctx.room,
      inputOptions: {
        participantIdentity: CUSTOMER_IDENTITY,
        closeOnDisconnect: false,
        textInputCallback: (_session, { text }) => conversation.typed(text),
      },
      record: false,
    });
    conversation.open();
    link.onCommand((command) => conversation.obey(command));
  },
});

/**
 * Answers what was said; silently lets pass what is no word, or was said into a pause. What it says is spoken without
 * marks and addresses, and captioned with them.
 */
class Assistant extends voice.Agent {
  readonly #conversation: Conversation;

  constructor(conversation: Conversation, job: JobMetadata, link: StationLink) {
    super({ instructions: instructionsFor(job), chatCtx: earlierWords(job), tools: agentTools(link) });
    this.#conversation = conversation;
  }

  override async onUserTurnCompleted(_context: llm.ChatContext, message: llm.ChatMessage): Promise<void> {
    const isWords = /[\p{L}\p{N}]/u.test(message.textContent ?? '');
    if (!isWords || !this.#conversation.attentive) throw new voice.StopResponse();
  }

  override async ttsNode(text: Incoming<string>, settings: voice.ModelSettings) {
    const answer = new SpokenAnswer();
    const frames = await super.ttsNode(spokenStream(text, answer), settings);
    return frames && withCaptions(frames, answer);
  }

  override async transcriptionNode(
    text: Incoming<string | voice.TimedString>,
    settings: voice.ModelSettings,
  ) {
    return super.transcriptionNode(captionStream(text), settings);
  }
}

/** Words of earlier legs of the same talk, so that the model goes on where it was. */
function earlierWords(job: JobMetadata): llm.ChatContext {
  const context = llm.ChatContext.empty();
  for (const caption of job.history) {
    context.addMessage({ role: caption.who === 'customer' ? 'user' : 'assistant', content: caption.text });
  }
  return context;
}
