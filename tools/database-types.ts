/**
 * `npm run types:database`: applies supabase/migrations to a fresh Postgres and writes src-shared/database-types.ts from
 * what is there then. Run it after every new migration; a test fails where it was forgotten.
 */
import { writeFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { projectDir } from '../src-main/paths.ts';
import { startTestDatabase } from '../tests/support/database/database.ts';
import { databaseTypes, TYPES_FILE } from './database-types/types.ts';

const database = await startTestDatabase();
try {
  await writeFile(TYPES_FILE, await databaseTypes(database.admin));
} finally {
  await database.stop();
}
console.log(`${relative(projectDir(), TYPES_FILE)} is as the migrations say.`);
