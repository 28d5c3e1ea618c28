/** The keys of the page's keyboard in each language, and what a key does to a text. Pure. */
import type { Locale } from '../../../src-shared/visit.ts';

const FOOT = '{shift} , {space} . ? {bksp}';
const DIGITS = '1 2 3 4 5 6 7 8 9 0';

const ROWS: Record<Locale, readonly string[]> = {
  en: ['q w e r t y u i o p', 'a s d f g h j k l', "z x c v b n m '"],
  de: ['q w e r t z u i o p ü', 'a s d f g h j k l ö ä', 'y x c v b n m ß'],
  fr: ['a z e r t y u i o p', 'q s d f g h j k l m', "w x c v b n é è à ç ' -"],
  es: ['q w e r t y u i o p', 'a s d f g h j k l ñ', 'z x c v b n m á é í ó ú ¿'],
  ar: ['ض ص ث ق ف غ ع ه خ ح ج', 'ش س ي ب ل ا ت ن م ك ط', 'ذ ئ ء ؤ ر ى ة و ز ظ د أ'],
};

/** Two layers: small and capital letters. */
export function layoutFor(locale: Locale): { default: string[]; shift: string[] } {
  const rows = [DIGITS, ...ROWS[locale]];
  const capital = (row: string) =>
    row
      .split(' ')
      // ß has no single capital key in common use.
      .map((key) => (key === 'ß' ? key : key.toLocaleUpperCase(locale)))
      .join(' ');
  return { default: [...rows, FOOT], shift: [...rows.map(capital), FOOT] };
}

/** The text after a key was pressed with the caret at `caret`; unknown special keys change nothing. */
export function withKey(text: string, caret: number, key: string): { text: string; caret: number } {
  const before = [...text.slice(0, caret)];
  const after = text.slice(caret);
  if (key === '{bksp}') before.pop();
  else if (key === '{space}') before.push(' ');
  else if (!/^\{.+\}$/.test(key)) before.push(key);
  const head = before.join('');
  return { text: head + after, caret: head.length };
}
