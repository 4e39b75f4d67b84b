/**
 * What is lost when samples are stored in another type, or by a codec that cannot hold them all. Conversions count it, chunk by
 * chunk; what it means for a file is reported once all of it is known (io/losses).
 */

/** Numbers of samples, of one channel. */
export interface LossCounts {
  /** Finite before, infinite as half. */
  overflowed: number;
  /** Whole numbers that changed. Not all are counted if there are also fractions: see `fractional`. */
  rounded: number;
  /** Negative, too large or NaN, and stored as uint. */
  outside: number;
  /** Stored as uint without their fraction. */
  truncated: number;
  /** Beyond the range of half, infinite or NaN, with a codec that keeps colour within that range. */
  clipped: number;
}

export interface Losses extends LossCounts {
  /** Some numbers have a fraction, so the rounded ones are not IDs or indices. */
  fractional: boolean;
}

/** The losses of a chunk, by the number of the channel in its part. Channels that are neither converted nor clipped are omitted. */
export type ChunkLosses = Map<number, Losses>;

export function noLosses(): Losses {
  return { overflowed: 0, rounded: 0, outside: 0, truncated: 0, clipped: 0, fractional: false };
}

export function addLosses(sum: Losses, more: Losses): void {
  sum.overflowed += more.overflowed;
  sum.rounded += more.rounded;
  sum.outside += more.outside;
  sum.truncated += more.truncated;
  sum.clipped += more.clipped;
  sum.fractional ||= more.fractional;
}

/** Where the losses of a channel are counted. */
export function lossesOf(chunk: ChunkLosses, channel: number): Losses {
  const known = chunk.get(channel);
  if (known) return known;
  const made = noLosses();
  chunk.set(channel, made);
  return made;
}
