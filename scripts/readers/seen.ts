/** What a reader makes of a file. */
export interface Seen {
  readonly reader: string;
  readonly file: string;
  readonly state: 'ok' | 'refused';
  /** The means of R, G and B, or of Y, of what is finite. */
  readonly mean?: readonly number[];
  /** The same of values that are cut off at 0 and 1, as readers of ordinary images have them. */
  readonly shown?: readonly number[];
  readonly why?: string;
}

/**
 * Whether two readers see the same image, as far as means tell: undefined where they have none in common. A reader that shows grey as
 * three channels has them equal. Those that go by half or by 16 bits are off by less than a hundredth.
 */
export function sameImage(a: Seen, b: Seen): boolean | undefined {
  const pairs = [
    [a.mean, b.mean],
    [a.shown, b.shown],
  ] as const;
  const compared = pairs.flatMap(([one, other]) => (one && other ? [sameMeans(one, other)] : []));
  return compared.length === 0 ? undefined : compared.every(Boolean);
}

function sameMeans(a: readonly number[], b: readonly number[]): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long.every((value, at) => {
    const other = short[at] ?? short[0] ?? 0;
    return Math.abs(value - other) <= 0.01 * Math.max(Math.abs(value), Math.abs(other)) + 1e-4;
  });
}

/** One channel of samples that lie side by side. */
interface Plane {
  readonly data: ArrayLike<number>;
  readonly at: number;
  readonly step: number;
}

export function meansOf(planes: readonly Plane[]): number[] {
  return planes.map(({ data, at, step }) => {
    let sum = 0;
    let count = 0;
    for (let i = at; i < data.length; i += step) {
      const value = data[i] as number;
      if (!Number.isFinite(value)) continue;
      sum += value;
      count += 1;
    }
    return count === 0 ? 0 : sum / count;
  });
}
