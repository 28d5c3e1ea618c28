/**
 * Captions from the text streams on `lk.transcription`. The assistant's text comes as one stream that grows with its
 * speech and is final when it ends; the customer's comes as whole texts, one stream for each, marked when final.
 */
import { CAPTION_TEXT_LIMIT, type Caption } from '../../../src-shared/visit.ts';

export const TRANSCRIPTION_TOPIC = 'lk.transcription';
const SEGMENT_ATTRIBUTE = 'lk.segment_id';
const FINAL_ATTRIBUTE = 'lk.transcription_final';

interface StreamInfo {
  id: string;
  attributes?: Record<string, string> | undefined;
}

/** Calls `said` with each growth of the caption; returns when the stream has ended or broken off. */
export async function readTranscription(
  chunks: AsyncIterable<string>,
  info: StreamInfo,
  who: Caption['who'],
  said: (caption: Caption) => void,
): Promise<void> {
  const id = info.attributes?.[SEGMENT_ATTRIBUTE] ?? info.id;
  let text = '';
  const tell = (final: boolean) => {
    const shown = text.trim().slice(0, CAPTION_TEXT_LIMIT);
    if (shown) said({ id, who, text: shown, final });
  };
  try {
    for await (const chunk of chunks) {
      text += chunk;
      if (who === 'assistant') tell(false);
    }
  } catch {
    // The line broke: what was said until then was said.
  }
  tell(who === 'assistant' || info.attributes?.[FINAL_ATTRIBUTE] === 'true');
}
