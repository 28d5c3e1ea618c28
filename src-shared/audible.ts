/** Which sound a person can hear, for all who judge whether the assistant was heard: agent and page alike. Pure. */

/** A voice has such peaks many times a second, as a share of full scale; what a codec makes of silence stays far below. */
const AUDIBLE_PEAK = 131 / 32_768;

/** @param fullScale of the samples: 1, or 32,768 for those of 16 bit */
export function isAudible(samples: ArrayLike<number>, fullScale: number): boolean {
  return reaches(samples, AUDIBLE_PEAK * fullScale);
}

/** Whether any sample lies so far from zero. */
export function reaches(samples: ArrayLike<number>, peak: number): boolean {
  for (let index = 0; index < samples.length; index += 1) {
    if (Math.abs(samples[index] ?? 0) >= peak) return true;
  }
  return false;
}
