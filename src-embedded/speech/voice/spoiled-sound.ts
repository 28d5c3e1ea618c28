/** The bytes of a voice's answer with the ordered fault in them: a faulty one leaves in pieces of a fifth of a second. */
import { type Fault, spoiled } from '../faults.ts';
import { inPieces } from './sound-bytes.ts';

const PIECES_IN_A_SECOND = 5;
const BYTES_A_SAMPLE = 2;
/** An odd number of bytes, and no header of a WAV file. */
const GARBAGE = Buffer.from('<html>502 Bad Gateway</html>\n');

export function spoiledSound(
  bytes: AsyncGenerator<Buffer>,
  sampleRate: number,
  fault: Fault | undefined,
): AsyncGenerator<Buffer> {
  if (!fault) return bytes;
  return spoiled(inPieces(bytes, (sampleRate * BYTES_A_SAMPLE) / PIECES_IN_A_SECOND), fault, GARBAGE);
}
