/** Which IDs occur in the pixels, by the rank channels alone. */
import type { CryptomatteSet } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header, Samples } from '../model/header.js';
import type { SampleReader } from './ids.js';

/** Distinct IDs that are kept. Scenes have thousands; images with more hold no IDs but noise. */
const maxIds = 1 << 20;

/**
 * IDs of one Cryptomatte. Whether they cover anything does not count: a matte that is 0 everywhere is one all the same, and its
 * name is kept.
 */
export class OccurringIds {
  readonly #ids = new Set<number>();
  /** More distinct IDs than are kept, so that nothing is known of those that are not among them. */
  overflow = false;

  get size(): number {
    return this.#ids.size;
  }

  /** Whether an ID, as the bits of its float, has been seen. Always false for those beyond the ones kept ({@link overflow}). */
  has(bits: number): boolean {
    return this.#ids.has(bits);
  }

  /** The IDs seen, as the bits of their floats. */
  [Symbol.iterator](): IterableIterator<number> {
    return this.#ids.values();
  }

  /** Adds an ID, as the bits of its float. */
  add(bits: number): void {
    if (this.#ids.size < maxIds) this.#ids.add(bits);
    else if (!this.#ids.has(bits)) this.overflow = true;
  }

  /** Adds the IDs of samples; neighbours mostly have the same. */
  addSamples(samples: Samples): void {
    const bits = new Uint32Array(samples.buffer, samples.byteOffset, samples.length);
    let last = 0;
    for (let at = 0; at < bits.length; at++) {
      const id = bits[at] as number;
      if (id === last) continue;
      last = id;
      // Both zeros stand for no object.
      if (id << 1 !== 0) this.add(id);
    }
  }

  /** Whether most of them lack the lower bits that hashes have: IDs that PXR24, or half, has rounded. */
  get areRounded(): boolean {
    let rounded = 0;
    for (const id of this.#ids) if ((id & 0xff) === 0) rounded += 1;
    return rounded * 2 > this.#ids.size;
  }
}

/** The IDs of several Cryptomattes, of all their ranks and views, in one pass over each part that has any of them. */
export async function occurringIds(
  header: Pick<Header, 'parts'>,
  sets: readonly CryptomatteSet[],
  read: SampleReader,
): Promise<Map<CryptomatteSet, OccurringIds>> {
  const found = new Map(sets.map((set) => [set, new OccurringIds()]));
  const jobs = [...found].flatMap(([set, ids]) =>
    set.layers.flatMap(({ part, slots: { r, b } }) =>
      [r, b].flatMap((channel) => (channel ? [{ part, channel, ids }] : [])),
    ),
  );
  for (const [number, own] of groupBy(jobs, ({ part }) => part)) {
    const part = header.parts[number];
    if (!part) continue;
    // Keys may speak of the same channels.
    const channels = [...groupBy(own, ({ channel }): Channel => channel)];
    const names = channels.map(([{ name }]) => name);
    for await (const { samples } of read(part, names))
      channels.forEach(([, wanted], at) => {
        for (const { ids } of wanted) ids.addSamples(samples[at] as Samples);
      });
  }
  return found;
}
