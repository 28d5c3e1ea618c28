/**
 * Password hashing with scrypt. Promise: the parameters are stored with each hash, so they can be raised later; a check
 * takes as long for an account that doesn't exist as for one that does.
 */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** N = 2^14, r = 8, p = 5: 16 MiB each, one of OWASP's equivalent recommendations. */
const LOG2_N = 14;
const BLOCK_SIZE = 8;
const PARALLEL = 5;
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const FORMAT = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/=]+)\$([\w+/=]+)$/;

/** Hash to store, parameters included. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, LOG2_N, BLOCK_SIZE, PARALLEL);
  return format(salt, hash);
}

function format(salt: Buffer, hash: Buffer): string {
  const parameters = `ln=${LOG2_N},r=${BLOCK_SIZE},p=${PARALLEL}`;
  return `$scrypt$${parameters}$${salt.toString('base64')}$${hash.toString('base64')}`;
}

/** Stands for the hash of an account that isn't there; no password has it. */
const PLACEHOLDER = format(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES));

/** Whether `password` is the one of `stored`. With nothing stored it does the same work and says no. */
export async function checkPassword(password: string, stored: string | null): Promise<boolean> {
  const parts = FORMAT.exec(stored ?? PLACEHOLDER);
  if (!parts) throw new Error('a stored password hash has an unknown format');
  const [, log2N, blockSize, parallel, salt = '', expected = ''] = parts;
  const wanted = Buffer.from(expected, 'base64');
  const got = await derive(
    password,
    Buffer.from(salt, 'base64'),
    wanted.length,
    Number(log2N),
    Number(blockSize),
    Number(parallel),
  );
  return timingSafeEqual(got, wanted) && stored !== null;
}

function derive(
  password: string,
  salt: Buffer,
  length: number,
  log2N: number,
  r: number,
  p: number,
): Promise<Buffer> {
  const N = 2 ** log2N;
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}
