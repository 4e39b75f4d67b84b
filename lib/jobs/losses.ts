/**
 * What is lost where samples are stored in another type, or by a codec that cannot hold them all. Whoever converts counts it,
 * chunk by chunk; what it means for a file is told when all of it is known (io/losses).
 */

/** Numbers of samples, of one channel. */
export interface LossCounts {
  /** Finite before, infinite as half. */
  overflowed: number;
  /** Whole numbers that became others. Not all are counted where there are fractions as well: see `fractional`. */
  rounded: number;
  /** Negative, too large or NaN, and stored as uint. */
  outside: number;
  /** Stored as uint without their fraction. */
  truncated: number;
  /** Beyond the range of half, infinite or NaN, where the codec keeps colour within that range. */
  clipped: number;
}

export interface Losses extends LossCounts {
  /** There are numbers with a fraction, so what was rounded are no IDs or indices. */
  fractional: boolean;
}

/** The losses of a chunk, by the number of the channel in its part. Channels that are neither converted nor clipped are not in it. */
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
