/**
 * Settings as people write them, made into what the schema reads: spaces and quotes around a value, a byte-order mark,
 * Windows line ends, capital letters where only small ones mean something, and empty values, which are unset.
 */

export type Source = Readonly<Record<string, string | undefined>>;

/** Values of these are words of a short list; people write them in capitals. */
const WORDS = ['ENVIRONMENT', 'LOG_LEVEL', 'PAY_HERE', 'SELL_WITHOUT_VOICE'] as const;

/** What other programs call our levels. */
const LEVELS: Readonly<Record<string, string>> = { warning: 'warn', critical: 'fatal' };

/** Levels that tell at least what `debug` tells. */
const TALKATIVE = ['debug', 'trace'];

const YES = /^(true|1|yes|on)$/i;

/**
 * The set values of `source`, cleaned. `DEBUG=true` is `LOG_LEVEL=debug`; any other `DEBUG` belongs to another program
 * and means nothing here.
 */
export function asWritten(source: Source): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, raw] of Object.entries(source)) {
    const value = bare(raw ?? '');
    if (value !== '') values[bare(name)] = value;
  }
  for (const name of WORDS) {
    const value = values[name]?.toLowerCase();
    if (value) values[name] = value;
  }
  const level = LEVELS[values['LOG_LEVEL'] ?? ''] ?? values['LOG_LEVEL'];
  const debug = YES.test(values['DEBUG'] ?? '') && !TALKATIVE.includes(level ?? '');
  if (debug) values['LOG_LEVEL'] = 'debug';
  else if (level) values['LOG_LEVEL'] = level;
  return values;
}

/** Without the white space (a byte-order mark counts as such) and the one pair of quotes around it. */
function bare(text: string): string {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed);
  return quoted?.[2]?.trim() ?? trimmed;
}
