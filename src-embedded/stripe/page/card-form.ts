/** The card form as it was posted: checked field by field. Card data goes no further than its caller. */
import { z } from 'zod';
import { cvcLength, isCardNumber, isUnexpired } from '../core/cards.ts';
import type { CardInput } from '../core/payment-method.ts';
import type { Words } from './words-shape.ts';

export type FieldName = 'email' | 'number' | 'expiry' | 'cvc';
export type Mistakes = Partial<Record<FieldName, string>>;

export type CheckedForm = { card: CardInput; mistakes: null } | { card: null; mistakes: Mistakes };

const email = z.email().max(254);
const CENTURY = 2000;

/** Checks what was typed; spaces and dashes between digits are forgiven. */
export function checkCardForm(
  form: Partial<Record<FieldName, string>>,
  nowSeconds: number,
  words: Words,
): CheckedForm {
  const mistakes: Mistakes = {};
  const address = (form.email ?? '').trim();
  const number = (form.number ?? '').replace(/[\s-]/g, '');
  const cvc = (form.cvc ?? '').trim();
  const expiry = parseExpiry(form.expiry ?? '');
  if (!email.safeParse(address).success) mistakes.email = words.errorEmail;
  if (!isCardNumber(number)) mistakes.number = words.errorNumber;
  if (!expiry) mistakes.expiry = words.errorExpiry;
  else if (!isUnexpired(expiry.month, expiry.year, nowSeconds)) mistakes.expiry = words.errorExpired;
  if (!new RegExp(`^\\d{${cvcLength(number)}}$`).test(cvc)) mistakes.cvc = words.errorCvc;
  if (!expiry || Object.keys(mistakes).length > 0) return { card: null, mistakes };
  return { card: { number, expMonth: expiry.month, expYear: expiry.year, email: address }, mistakes: null };
}

/** `0830`, `08/30`, `8 / 30`, `08/2030`. Undefined when it isn't a month and a year. */
export function parseExpiry(text: string): { month: number; year: number } | undefined {
  const match = /^(?:(\d{1,2})\s*[/.\s-]\s*(\d{2}|\d{4})|(\d{2})(\d{2}|\d{4}))$/.exec(text.trim());
  const month = Number(match?.[1] ?? match?.[3]);
  const year = Number(match?.[2] ?? match?.[4]);
  if (!match || month < 1 || month > 12) return undefined;
  return { month, year: year < 100 ? CENTURY + year : year };
}
