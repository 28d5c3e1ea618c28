/** Sorting and filtering of table rows. Pure. */

export interface Column<Row> {
  id: string;
  head: string;
  /** Compared when sorting, and written into the CSV. */
  value(row: Row): string | number;
  /** Shown; the value when absent. */
  text?(row: Row): string;
  numeric?: boolean;
}

export function shownRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  view: { sort: string; descending: boolean; filter: string },
): Row[] {
  const wanted = view.filter.trim().toLowerCase();
  const kept = rows.filter(
    (row) => !wanted || columns.some((column) => textOf(column, row).toLowerCase().includes(wanted)),
  );
  const column = columns.find(({ id }) => id === view.sort) ?? columns[0];
  if (!column) return kept;
  const sign = view.descending ? -1 : 1;
  return kept.sort((a, b) => sign * compare(column.value(a), column.value(b)));
}

export function textOf<Row>(column: Column<Row>, row: Row): string {
  return column.text ? column.text(row) : String(column.value(row));
}

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}
