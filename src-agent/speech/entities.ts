/** The characters that HTML names, as far as a model writes them in plain text. Pure. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  apos: "'",
  bdquo: '„',
  bull: '•',
  cent: '¢',
  copy: '©',
  deg: '°',
  euro: '€',
  gt: '>',
  hellip: '…',
  iexcl: '¡',
  iquest: '¿',
  laquo: '«',
  ldquo: '“',
  lsquo: '‘',
  lt: '<',
  mdash: '—',
  middot: '·',
  nbsp: ' ',
  ndash: '–',
  pound: '£',
  quot: '"',
  raquo: '»',
  rdquo: '”',
  reg: '®',
  rsquo: '’',
  shy: '',
  szlig: 'ß',
  times: '×',
  trade: '™',
};
/** What makes a letter of another one: "eacute" is "e" with an acute. */
const ACCENTS: Readonly<Record<string, string>> = {
  acute: '\u0301',
  cedil: '\u0327',
  circ: '\u0302',
  grave: '\u0300',
  tilde: '\u0303',
  uml: '\u0308',
};

/** @returns what an entity, with its "&" and ";", stands for; nothing if it is not known */
export function decodedEntity(entity: string): string {
  const name = entity.slice(1, -1);
  if (name.startsWith('#')) return character(Number(name.slice(1).replace(/^x/i, '0x')));
  const known = NAMED[name] ?? NAMED[name.toLowerCase()];
  if (known !== undefined) return known;
  const [, letter = '', accent = ''] = /^([a-z])([a-z]+)$/i.exec(name) ?? [];
  const mark = ACCENTS[accent];
  return mark ? `${letter}${mark}`.normalize('NFC') : '';
}

function character(code: number): string {
  const text = code <= 0x10ffff ? String.fromCodePoint(code) : '';
  return /^(?!\s)[\p{Cc}\p{Cs}]/u.test(text) ? '' : text;
}
