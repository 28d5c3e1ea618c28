/** A code as a voice should say it: symbol by symbol, with a longer rest between the three groups. */
export function codeAsSpoken(code: string): string {
  return [code.slice(0, 4), code.slice(4, 8), code.slice(8, 12)]
    .map((group) => [...group].join(', '))
    .join('. ');
}
