import { describe, expect, it } from 'vitest';
import { changeFrom } from './change.ts';
import { toCsv } from './csv.ts';
import { type Column, shownRows } from './rows.ts';
import { readView, writeView } from './view-state.ts';

describe('change against yesterday', () => {
  it('has direction, difference and percentage', () => {
    expect(changeFrom(200, 300)).toEqual({ direction: 'up', by: 100, percent: 50 });
    expect(changeFrom(3, 2)).toEqual({ direction: 'down', by: 1, percent: 33 });
    expect(changeFrom(5, 5)).toEqual({ direction: 'same', by: 0, percent: 0 });
  });

  it('gives no percentage of nothing', () => expect(changeFrom(0, 4).percent).toBeNull());
});

describe('CSV', () => {
  it('quotes what needs it and keeps formulas from running', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,y', 1],
          ['say "hi"', -2],
          ['=SUM(A1)', 3],
        ],
      ),
    ).toBe('\ufeffa,b\r\n"x,y",1\r\n"say ""hi""",-2\r\n\'=SUM(A1),3\r\n');
  });
});

describe('rows of a table', () => {
  const columns: Column<{ name: string; cents: number }>[] = [
    { id: 'name', head: 'Name', value: (row) => row.name },
    { id: 'cents', head: 'Price', value: (row) => row.cents, text: (row) => `$${row.cents / 100}` },
  ];
  const rows = [
    { name: 'b', cents: 999 },
    { name: 'a', cents: 4499 },
    { name: 'c', cents: 100 },
  ];
  const names = (view: Parameters<typeof shownRows>[2]) =>
    shownRows(rows, columns, view).map(({ name }) => name);

  it('sort by value, not by how it is written', () => {
    expect(names({ sort: 'cents', descending: true, filter: '' })).toEqual(['a', 'b', 'c']);
    expect(names({ sort: 'name', descending: false, filter: '' })).toEqual(['a', 'b', 'c']);
  });

  it('filter by what is shown, and fall back to the first column', () => {
    expect(names({ sort: 'name', descending: false, filter: ' $44 ' })).toEqual(['a']);
    expect(names({ sort: 'gone', descending: false, filter: '' })).toEqual(['a', 'b', 'c']);
  });

  it('leave the given rows as they were', () => {
    names({ sort: 'cents', descending: true, filter: '' });
    expect(rows.map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });
});

describe('the address holds the view', () => {
  it('there and back', () => {
    const view = { table: 'talks', sort: 'seconds', descending: false, filter: 'a & b' } as const;
    expect(readView(writeView(view))).toEqual(view);
  });

  it('is short at the start and forgiving', () => {
    expect(writeView(readView(''))).toBe('');
    expect(readView('?table=secrets').table).toBe('sales');
  });
});
