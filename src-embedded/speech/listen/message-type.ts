/** The kind of a client's text message: its `type`, or undefined for what is no message. Pure. */
export function messageType(text: string): string | undefined {
  try {
    const message: unknown = JSON.parse(text);
    if (typeof message === 'object' && message !== null && 'type' in message) return String(message.type);
  } catch {
    // Not JSON: answered as an unknown message.
  }
  return undefined;
}
