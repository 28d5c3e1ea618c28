/** What a voice makes, as the bytes of an answer. */
import { pcmBytes, wavHeader } from '../audio/wav.ts';

/** @param wavRateHz with it the bytes begin with the header of a WAV file of that rate */
export async function* soundBytes(
  first: IteratorResult<Int16Array>,
  rest: AsyncGenerator<Int16Array>,
  wavRateHz: number | undefined,
): AsyncGenerator<Buffer> {
  if (wavRateHz) yield wavHeader(wavRateHz, 1);
  if (first.done) return;
  yield pcmBytes(first.value);
  for await (const samples of rest) yield pcmBytes(samples);
}

/** The same bytes in pieces of at most `pieceBytes`: a sentence is one piece where a client could take many. */
export async function* inPieces(bytes: AsyncIterable<Buffer>, pieceBytes: number): AsyncGenerator<Buffer> {
  for await (const buffer of bytes) {
    for (let at = 0; at < buffer.length; at += pieceBytes) yield buffer.subarray(at, at + pieceBytes);
  }
}
