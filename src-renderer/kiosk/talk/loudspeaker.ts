/**
 * Whether this machine still has a loudspeaker. Promise: one that was there and is gone is told at once; where the
 * browser names none at all (no permission, no sound system) nothing is claimed.
 */
export class Loudspeaker {
  readonly #onChange: () => void;
  readonly #leaving = new AbortController();
  #hadOne = false;
  #lost = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    const { signal } = this.#leaving;
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.#look(), { signal });
    void this.#look();
  }

  get lost(): boolean {
    return this.#lost;
  }

  close(): void {
    this.#leaving.abort();
  }

  async #look(): Promise<void> {
    const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
    const hasOne = devices.some(({ kind }) => kind === 'audiooutput');
    this.#hadOne ||= hasOne;
    const lost = this.#hadOne && !hasOne;
    if (lost === this.#lost || this.#leaving.signal.aborted) return;
    this.#lost = lost;
    this.#onChange();
  }
}
