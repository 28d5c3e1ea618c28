import { describe, expect, it } from 'vitest';
import type { Caption } from '../../../src-shared/visit.ts';
import { readTranscription } from './transcription.ts';

async function* stream(chunks: string[], breaks = false): AsyncGenerator<string> {
  for (const chunk of chunks) yield chunk;
  if (breaks) throw new Error('the line broke');
}

async function captionsOf(
  chunks: AsyncIterable<string>,
  who: Caption['who'],
  attributes: Record<string, string>,
) {
  const captions: Caption[] = [];
  await readTranscription(chunks, { id: 'stream', attributes }, who, (caption) => captions.push(caption));
  return captions;
}

describe('captions from transcription streams', () => {
  it('the assistant grows and is final at the end of its stream', async () => {
    const captions = await captionsOf(stream(['Hello ', 'there.']), 'assistant', { 'lk.segment_id': 'SG_1' });
    expect(captions).toEqual([
      { id: 'SG_1', who: 'assistant', text: 'Hello', final: false },
      { id: 'SG_1', who: 'assistant', text: 'Hello there.', final: false },
      { id: 'SG_1', who: 'assistant', text: 'Hello there.', final: true },
    ]);
  });

  it('the customer comes in whole texts, final when marked so', async () => {
    const attributes = { 'lk.segment_id': 'SG_2', 'lk.transcription_final': 'false' };
    expect(await captionsOf(stream(['How mu']), 'customer', attributes)).toEqual([
      { id: 'SG_2', who: 'customer', text: 'How mu', final: false },
    ]);
    attributes['lk.transcription_final'] = 'true';
    expect(await captionsOf(stream(['How much?']), 'customer', attributes)).toEqual([
      { id: 'SG_2', who: 'customer', text: 'How much?', final: true },
    ]);
  });

  it('keeps what was said when the line breaks, and says nothing for silence', async () => {
    const broken = await captionsOf(stream(['One '], true), 'assistant', {});
    expect(broken.at(-1)).toEqual({ id: 'stream', who: 'assistant', text: 'One', final: true });
    expect(await captionsOf(stream([' ', '']), 'assistant', {})).toEqual([]);
  });
});
