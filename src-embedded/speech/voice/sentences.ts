/**
 * Cuts a reply into pieces that are spoken one after the other, so that the first sound leaves while the rest is still
 * being made. Pure. The first piece is kept short; no word is lost or doubled.
 */

/** A first piece longer than this is cut at a comma if it has one. */
const FIRST_PIECE_CHARACTERS = 60;
/** flite's time grows with length; a longer sentence is cut at a comma or a space. */
const PIECE_CHARACTERS = 240;

/** Pieces of already speakable text, in order. */
export function spokenPieces(text: string): string[] {
  const sentences = text.match(/[^.!?]+(?:[.!?]+(?!\s|$)[^.!?]*)*[.!?]*\s*/g) ?? [];
  const pieces = sentences
    .map((sentence) => sentence.trim())
    .filter((sentence) => /[a-z0-9]/i.test(sentence));
  return pieces.flatMap((piece, index) =>
    cut(piece, index === 0 ? FIRST_PIECE_CHARACTERS : PIECE_CHARACTERS),
  );
}

function cut(piece: string, limit: number): string[] {
  if (piece.length <= limit) return [piece];
  const comma = piece.slice(0, limit).lastIndexOf(', ');
  if (comma > 8) return [piece.slice(0, comma + 1), ...cut(piece.slice(comma + 2), PIECE_CHARACTERS)];
  if (piece.length <= PIECE_CHARACTERS) return [piece];
  const space = piece.slice(0, PIECE_CHARACTERS).lastIndexOf(' ');
  const at = space > 0 ? space : PIECE_CHARACTERS;
  return [piece.slice(0, at), ...cut(piece.slice(at).trimStart(), PIECE_CHARACTERS)];
}
