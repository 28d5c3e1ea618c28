/**
 * Makes written text speakable for flite: money, lengths of time, clock times, codes, abbreviations and symbols become
 * words, and what has no sound (markdown, emoji, accents flite can't say) is taken out. Pure. The result is ASCII.
 */

const ONES =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'zero ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES: readonly [number, string][] = [
  [1_000_000, 'million'],
  [1_000, 'thousand'],
  [100, 'hundred'],
];
/** Numbers from here on are read digit by digit. */
const NUMBER_LIMIT = 1_000_000_000;

/** A whole number from 0 to 999,999,999 in English words. */
export function numberWords(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value >= NUMBER_LIMIT) return digitWords(String(value));
  for (const [size, name] of SCALES) {
    if (value < size) continue;
    const rest = value % size;
    return `${numberWords(Math.floor(value / size))} ${name}${rest ? ` ${numberWords(rest)}` : ''}`;
  }
  if (value < 20) return ONES[value] ?? '';
  const rest = value % 10;
  return `${TENS[Math.floor(value / 10)] ?? ''}${rest ? `-${ONES[rest]}` : ''}`;
}

function digitWords(text: string): string {
  return [...text]
    .map((sign) => ONES[Number(sign)] ?? '')
    .filter(Boolean)
    .join(' ');
}

function counted(value: number, unit: string): string {
  return `${numberWords(value)} ${unit}${value === 1 ? '' : 's'}`;
}

function whole(digits: string | undefined): number {
  return Number((digits ?? '0').replaceAll(',', ''));
}

const CURRENCIES: Record<string, readonly [string, string]> = {
  $: ['dollar', 'cent'],
  '€': ['euro', 'cent'],
  '£': ['pound', 'penny'],
};

function moneyWords(sign: string, digits: string, cents: string | undefined): string {
  const [major, minor] = CURRENCIES[sign] ?? ['unit', 'part'];
  const units = whole(digits);
  const parts = whole(cents);
  const pennies = sign === '£' && parts !== 1 ? `${numberWords(parts)} pence` : counted(parts, minor);
  if (parts === 0) return counted(units, major);
  return units === 0 ? pennies : `${counted(units, major)} and ${pennies}`;
}

const UNITS: Record<string, string> = {
  h: 'hour',
  hr: 'hour',
  hrs: 'hour',
  min: 'minute',
  mins: 'minute',
  s: 'second',
  sec: 'second',
  secs: 'second',
};

const ABBREVIATIONS: readonly [RegExp, string][] = [
  [/\be\.g\./gi, 'for example'],
  [/\bi\.e\./gi, 'that is'],
  [/\betc\./gi, 'and so on'],
  [/\bapprox\./gi, 'about'],
  [/\bincl\./gi, 'including'],
  [/\bno\.\s*(?=\d)/gi, 'number '],
  [/\bQR\b/g, 'Q R'],
  [/\bAI\b/g, 'A I'],
  [/\bUSD\b/g, 'dollars'],
  [/\bPIN\b/g, 'pin'],
];

/** Turns any reply into words that flite reads aloud correctly. */
export function speakable(text: string): string {
  let spoken = text.normalize('NFKC');
  spoken = spoken
    .replace(/[‘’]/g, "'")
    .replace(/[“”«»"]/g, ' ')
    .replace(/\.{2,}/g, '.')
    .replace(/\s[–—]\s|—/g, ', ');
  spoken = spoken.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*_`#>~|\\{}<]+/g, ' ');
  for (const [pattern, words] of ABBREVIATIONS) spoken = spoken.replace(pattern, words);
  spoken = spoken.replace(/\b(?=[A-Z0-9-]*\d|[A-Z]{4}-|[A-Z]-)[A-Z0-9]+(?:-[A-Z0-9]+)+\b/g, spellCode);
  spoken = spoken.replace(/([$€£])\s?(\d[\d,]*)(?:\.(\d{2}))?(?!\d)/g, (_, sign, digits, cents) =>
    moneyWords(sign, digits, cents),
  );
  spoken = spoken.replace(/\b(\d{1,2}):(\d{2})(?::(\d{2}))?\b/g, (_, a, b, c) => clockWords(a, b, c));
  spoken = spoken.replace(
    /\b(\d[\d,]*)\s?(hrs?|mins?|secs?|h|s)\b\.?(?=$|[\s,;:!?)]|\.)/g,
    (found, digits, unit) => keepFullStop(found, counted(whole(digits), UNITS[unit] ?? unit)),
  );
  spoken = spoken.replace(/(\d[\d,]*(?:\.\d+)?)\s?%/g, '$1 percent');
  spoken = spoken.replace(/\b(\d+)(st|nd|rd|th)\b/g, '$1$2');
  spoken = spoken.replace(
    /\b(\d[\d,]*)\.(\d+)\b/g,
    (_, a, b) => `${numberWords(whole(a))} point ${digitWords(b)}`,
  );
  spoken = spoken.replace(/\b\d{1,3}(?:,\d{3})+\b|\b\d+\b(?!(?:st|nd|rd|th)\b)/g, (digits) =>
    numberWords(whole(digits)),
  );
  spoken = spoken
    .replace(/\s?&\s?/g, ' and ')
    .replace(/\s?\+\s?/g, ' plus ')
    .replace(/\s?=\s?/g, ' equals ');
  spoken = spoken.replace(/(\w)\s?\/\s?(\w)/g, '$1 or $2').replace(/@/g, ' at ');
  spoken = spoken.normalize('NFD').replace(/[^\x20-\x7e]+/g, (signs) => (/\s/.test(signs) ? ' ' : ''));
  return spoken
    .replace(/\s+([.,;:!?])/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}

/** `2:05` as a time of day; `1:02:03` as a length of time. */
function clockWords(a: string, b: string, c: string | undefined): string {
  if (c !== undefined) {
    return `${counted(whole(a), 'hour')} ${counted(whole(b), 'minute')} ${counted(whole(c), 'second')}`;
  }
  const minutes = whole(b);
  if (minutes === 0) return `${numberWords(whole(a))} o'clock`;
  return `${numberWords(whole(a))} ${minutes < 10 ? 'oh ' : ''}${numberWords(minutes)}`;
}

/** The full stop of «5 min.» may end the sentence as well: it stays. */
function keepFullStop(found: string, words: string): string {
  return found.endsWith('.') ? `${words}.` : words;
}

/** `AB1-2` as single signs with a pause at each dash. */
function spellCode(code: string): string {
  return code
    .split('-')
    .map((group) =>
      [...group]
        .map((sign) => (/\d/.test(sign) ? (ONES[Number(sign)] ?? sign) : sign === 'A' ? 'ay' : sign))
        .join(' '),
    )
    .join(', ');
}
