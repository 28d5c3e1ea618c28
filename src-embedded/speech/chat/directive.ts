/**
 * What the program behind the assistant asks to be said, in place of an answer: `Say: "…"`, or another line with a
 * quoted sentence, at the end of the first system message (where `generateReply({ instructions })` puts it) or in a
 * system or developer message after the last user message. Pure. Standing instructions in the middle of the first
 * message are never taken for one.
 */
import { type ChatMessage, messageText } from './schema.ts';

const QUOTES = /["“«]([^"“”«»]+)["”»]/;
const SAY = /^\W*(?:please\s+)?(?:say|speak|tell|greet|announce|warn|inform|ask|reply|answer|repeat)\b/i;

/** The words to be said, or undefined when nothing of the kind is asked. */
export function saidByDirective(messages: readonly ChatMessage[]): string | undefined {
  const lastUser = messages.findLastIndex((message) => message.role === 'user');
  const late = messages.filter(
    (message, index) =>
      (message.role === 'system' || message.role === 'developer') && index > Math.max(0, lastUser),
  );
  for (const message of late.reverse()) {
    const said = directiveLine(messageText(message));
    if (said) return said;
  }
  const first = messages[0];
  if (first?.role === 'system' || first?.role === 'developer') return directiveLine(messageText(first));
  return undefined;
}

function directiveLine(text: string): string | undefined {
  const line = text.trim().split('\n').at(-1)?.trim() ?? '';
  if (!SAY.test(line)) return undefined;
  const quoted = QUOTES.exec(line)?.[1]?.trim();
  if (quoted) return quoted;
  const plain = /^\W*(?:please\s+)?say(?: exactly)?:\s*(\S.*)$/i.exec(line)?.[1];
  if (plain) return plain;
  const told =
    /^\W*(?:please\s+)?(?:tell|warn|inform)\s+(?:the\s+)?(?:person|customer|user|caller|them)\s+that\s+(.+)$/i;
  const sentence = told.exec(line)?.[1];
  return sentence && sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
