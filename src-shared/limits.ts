/**
 * How long things may take in a talk and around it, each with its reason; nobody else names these figures. What comes
 * of them for a talk is judged in one place, the meter (src-station/metering/meter-rules.ts).
 */

// Signs of life.

/** Page and agent each tell this often that they are there. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** An end not heard of for longer than this is not there, and nothing is charged: two lost heartbeats are forgiven. */
export const ALIVE_MS = 3_000;
/** Longest silence of the assistant that is charged: before its first sound, and while it thinks. */
export const FIRST_AUDIO_MS = 5_000;
/** An assistant that says it speaks, and of which the page measures no sound for so long, fails: not charged from then on. */
export const SOUNDLESS_MS = 2_000;
/** Failing so without having healed by itself for this long: something between agent and loudspeaker is broken, and another leg is made. */
export const SOUNDLESS_LEG_MS = 8_000;
/** A microphone that gives nothing but digital zeros for so long gives no sound: any room hisses. */
export const MICROPHONE_SILENT_MS = 1_500;
/** Time between two looks of the meter above which nothing of it is charged: the machine slept, or hung. */
export const GAP_MS = 2_000;

// A leg (one room, one agent) that comes to nothing. LiveKit never gives a dead agent's job to another one.

/** An agent that has beaten, and then not for this long, is lost: another leg is made. */
export const AGENT_SILENT_MS = 8_000;
/** A leg in which page and agent have not met for this long is lost: an agent needs a few seconds to start. */
export const NEVER_MET_MS = 20_000;

// A talk that can't go on. Nothing is charged meanwhile.

/** No agent for so long, over all legs: the talk ends. */
export const AGENT_LOST_MS = 60_000;
/** A provider failing without a break for so long: the talk ends. */
export const PROVIDER_FAILING_LIMIT_MS = 120_000;
/** No page for so long: nobody can be talking. */
export const PAGE_LOST_MS = 120_000;

// A talk in which nobody talks.

/** Nobody spoke for so long: the clock stops and the customer is asked. */
export const SILENCE_MS = 45_000;
/** For the answer; then the talk ends. */
export const SILENCE_ANSWER_SECONDS = 30;
/** A talk neither charged nor touched for so long (paused, or never connected) is asked about. */
export const TALK_IDLE_MS = 3 * 60_000;
/** A talk paused by the customer for so long was left. */
export const PAUSE_LIMIT_MS = 10 * 60_000;
/** The assistant's last words, not charged, before the receipt. */
export const GOODBYE_MS = 6_000;

// Time that runs out.

/** At zero, while a payment is under way: the talk waits, not charged. */
export const PAYMENT_WAIT_MS = 3 * 60_000;
/** At zero, while an answer about more seconds is on its way. */
export const FUNDS_WAIT_MS = 10_000;
/** The customer is warned when so little is left, once at each. */
export const LOW_TIME_SECONDS = [300, 60, 15] as const;
/** The screen counts the seconds down, large, from here. */
export const LAST_MINUTE_SECONDS = 60;

// Rooms made ahead, while the microphone is checked.

/** A room made ahead is kept this long: shorter than its agent's patience, and than the page's way in lasts. */
export const WARM_ROOM_MS = 5 * 60_000;
/** The page's way into a room is good for so long. */
export const ROOM_TOKEN_SECONDS = 10 * 60;
/** An agent waits this long for the customer. */
export const AGENT_PATIENCE_MS = WARM_ROOM_MS + 60_000;

// Screens outside a talk.

/** Nobody touched the screen for so long: the question. A customer on `pay` is busy with a phone, on `codeShown` with a pen. */
export const IDLE_MS = { pay: 5 * 60_000, codeShown: 3 * 60_000, receipt: 60_000, other: 45_000 } as const;
/** For the answer; then the visit ends. */
export const IDLE_ANSWER_SECONDS = 20;
/** A visit found on disk that is older than this is not resumed: somebody else may stand there. */
export const RESUME_WITHIN_MS = 2 * 60_000;
