/** What the store throws, told apart by class. */

/** Another process has this store open; two writers would break the chain of rows. */
export class StoreInUseError extends Error {
  override name = 'StoreInUseError';
  constructor(dir: string) {
    super(`The usage store in ${dir} is already open in another process. Stop that station first.`);
  }
}

/** Nothing was written: no space, an I/O error, or a file that broke under us. */
export class StoreWriteError extends Error {
  override name = 'StoreWriteError';
  constructor(cause: unknown) {
    super(`The usage store could not be written: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** The SQLite result code of an error of better-sqlite3, for example `SQLITE_BUSY`; empty for any other error. */
export function sqliteCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
