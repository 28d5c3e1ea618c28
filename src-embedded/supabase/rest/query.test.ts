import { expect, it } from 'vitest';
import { RestError } from './errors.ts';
import { parseFilter, parseNames, parseSelect, parseTableQuery } from './query.ts';

const columns = [
  { name: 'id', type: 'integer' },
  { name: 'a,b', type: 'text' },
];

function parse(text: string) {
  return parseTableQuery(new URLSearchParams(text), 't', columns);
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RestError) return error.body.code;
    throw error;
  }
  return 'no error';
}

it('reads lists with quotes, commas and escapes', () => {
  expect(parseNames('a,"b,c","d\\"e"')).toEqual(['a', 'b,c', 'd"e']);
  expect(parseFilter('id', 'in.(1,"x,)y",z)').value).toEqual(['1', 'x,)y', 'z']);
  expect(parseFilter('id', 'in.()').value).toEqual([]);
  expect(codeOf(() => parseNames('"a'))).toBe('PGRST100');
  expect(codeOf(() => parseNames('a,,b'))).toBe('PGRST100');
});

it('reads filters, negated ones too, and keeps dots and line ends in values', () => {
  expect(parseFilter('id', 'not.eq.a.b\nc')).toEqual({
    column: 'id',
    negated: true,
    operator: 'eq',
    value: 'a.b\nc',
  });
  expect(codeOf(() => parseFilter('id', 'is.maybe'))).toBe('PGRST100');
  expect(codeOf(() => parseFilter('id', 'ov.{1}'))).toBe('PGRST100');
  expect(codeOf(() => parseFilter('id', 'eq'))).toBe('PGRST100');
});

it('knows only columns that exist', () => {
  expect(parse('select=id,"a,b"&order=id.desc.nullslast&limit=5').select).toEqual(['id', 'a,b']);
  for (const text of ['select=nope', 'order=nope', 'nope=eq.1', 'on_conflict=nope']) {
    expect([text, codeOf(() => parse(text))]).toEqual([text, '42703']);
  }
});

it('takes an empty or starred select for all columns and refuses the rest of the language', () => {
  expect(parseSelect('*')).toBeUndefined();
  expect(parseSelect('')).toBeUndefined();
  for (const text of ['*,id', 'x:id', 'id::text', 'id->a', 'other(*)']) {
    expect([text, codeOf(() => parseSelect(text))]).toEqual([text, 'PGRST100']);
  }
});
