/** Words for the person who waits: long steps are announced, counted and closed; never on stdout in JSON mode. */

export interface Progress {
  /** Announces a step; the returned function closes it with its outcome. */
  step(what: string): (outcome?: string) => void;
  say(line: string): void;
}

/** Shows a step that lasts, with its seconds, on a terminal; plain lines elsewhere. */
export function terminalProgress(stream: NodeJS.WriteStream): Progress {
  return {
    say: (line) => void stream.write(`${line}\n`),
    step(what) {
      const beganAt = performance.now();
      const seconds = () => Math.round((performance.now() - beganAt) / 1000);
      if (!stream.isTTY) stream.write(`${what} …\n`);
      const show = () => stream.write(`\r\u001b[K${what} … ${seconds()} s`);
      const timer = stream.isTTY ? setInterval(show, 1_000) : undefined;
      if (timer) stream.write(`${what} …`);
      return (outcome = 'done') => {
        clearInterval(timer);
        stream.write(`${stream.isTTY ? '\r\u001b[K' : ''}${what}: ${outcome} (${seconds()} s)\n`);
      };
    },
  };
}
