/** What a reader makes of a file. */
export interface Seen {
  readonly reader: string;
  readonly file: string;
  readonly state: 'ok' | 'refused';
  /** Pixels of the image it has. */
  readonly size?: readonly [number, number];
  /** The means of R, G and B, or of Y, of what is finite. */
  readonly mean?: readonly number[];
  readonly why?: string;
}

/**
 * Whether two readers see the same image, as far as means tell. A reader that shows grey as three channels has them equal. Those
 * that go by half or by video formats are off by less than a hundredth.
 */
export function sameImage(a: Seen, b: Seen): boolean {
  if (!a.mean || !b.mean) return false;
  const [short, long] = a.mean.length < b.mean.length ? [a.mean, b.mean] : [b.mean, a.mean];
  return long.every((value, at) => {
    const other = short[at] ?? short[0] ?? 0;
    return Math.abs(value - other) <= 0.01 * Math.max(Math.abs(value), Math.abs(other)) + 1e-4;
  });
}
