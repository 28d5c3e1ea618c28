/**
 * Finds pocketsphinx and its English model on the machine, and makes the files of the domain model from
 * `phrases.ts`. The files hold only our own phrases, nothing that anybody said.
 */
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { DecoderModel } from './decoder.ts';
import { buildLanguageModel, type LanguageModel } from './language-model.ts';
import { domainPhrases, EXTRA_PRONUNCIATIONS } from './phrases.ts';

const BINARY_NAME = 'pocketsphinx_continuous';
const HOW_TO_MEND = 'install it with: apt-get install pocketsphinx pocketsphinx-en-us';

export interface SpeechModels {
  domain: DecoderModel;
  /** The model of general English that comes with pocketsphinx. */
  general: DecoderModel;
  languageModel: LanguageModel;
}

export type ModelSearch = { ok: true; models: SpeechModels } | { ok: false; reason: string };

export interface ModelOptions {
  /** Where the domain model's two files are written. */
  workDir: string;
  /** Debian's place is /usr/share/pocketsphinx/model/en-us. */
  modelDir: string;
  /** Folders searched for the program, as in PATH. */
  searchPath: string;
}

/** Looks for all parts; never throws for a missing one, but says what is missing and how to mend it. */
export async function findSpeechModels(options: ModelOptions): Promise<ModelSearch> {
  const binary = await findBinary(options.searchPath);
  if (!binary) return { ok: false, reason: `speech recognition needs ${BINARY_NAME}; ${HOW_TO_MEND}` };
  const acousticModelDir = join(options.modelDir, 'en-us');
  const dictionaryPath = join(options.modelDir, 'cmudict-en-us.dict');
  const languageModelPath = join(options.modelDir, 'en-us.lm.bin');
  for (const path of [join(acousticModelDir, 'mdef'), dictionaryPath, languageModelPath]) {
    if (!(await isReadable(path))) {
      return { ok: false, reason: `speech recognition needs the English model (${path}); ${HOW_TO_MEND}` };
    }
  }
  const general = { binary, acousticModelDir, dictionaryPath, languageModelPath };
  const { languageModel, ...files } = await writeDomainModel(options.workDir, dictionaryPath);
  return { ok: true, models: { general, domain: { binary, acousticModelDir, ...files }, languageModel } };
}

async function writeDomainModel(workDir: string, dictionaryPath: string) {
  const languageModel = buildLanguageModel(domainPhrases());
  const dictionary = domainDictionary(languageModel.vocabulary, await readFile(dictionaryPath, 'utf8'));
  const files = {
    dictionaryPath: join(workDir, 'domain.dict'),
    languageModelPath: join(workDir, 'domain.lm'),
  };
  await mkdir(workDir, { recursive: true, mode: 0o700 });
  await writeFile(files.dictionaryPath, dictionary);
  await writeFile(files.languageModelPath, languageModel.arpa());
  return { languageModel, ...files };
}

/**
 * The lines of the full dictionary for these words, all their pronunciations.
 * @throws Error naming the words that nobody knows how to pronounce
 */
export function domainDictionary(vocabulary: readonly string[], fullDictionary: string): string {
  const missing = new Set(vocabulary);
  const lines: string[] = [];
  const wanted = new Set(vocabulary);
  for (const line of fullDictionary.split('\n')) {
    const word = line.slice(0, line.indexOf(' ')).replace(/\(\d+\)$/, '');
    if (!wanted.has(word)) continue;
    missing.delete(word);
    lines.push(line);
  }
  for (const [variant, phones] of Object.entries(EXTRA_PRONUNCIATIONS)) {
    if (wanted.has(variant.replace(/\(\d+\)$/, ''))) lines.push(`${variant} ${phones}`);
  }
  if (missing.size > 0) throw new Error(`no pronunciation for: ${[...missing].join(', ')}`);
  return `${lines.join('\n')}\n`;
}

async function findBinary(searchPath: string): Promise<string | undefined> {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const path = join(folder, BINARY_NAME);
    if (await isReadable(path, constants.X_OK)) return path;
  }
  return undefined;
}

async function isReadable(path: string, mode = constants.R_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
