/** The operator's variables: `.env` of the project, and over it the environment of the process. */
import { join } from 'node:path';
import { config as readDotenv } from 'dotenv';
import { projectDir } from '../paths.ts';

export function operatorEnvironment(): Record<string, string | undefined> {
  const file = readDotenv({ path: join(projectDir(), '.env'), quiet: true, processEnv: {} });
  return { ...file.parsed, ...process.env };
}
