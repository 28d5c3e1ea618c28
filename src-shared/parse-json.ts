/** JSON from elsewhere: what can't be read is a value like any other, judged by the schema that comes next. */

/** The value that `text` holds, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
