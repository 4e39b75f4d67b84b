/** IDs that were rounded and can be restored, and those that are destroyed and cannot. */
import { codecOf } from '../codecs/table.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../layers/sets.js';
import { ExrError } from '../model/error.js';
import type { Channel, Header, Part, Samples } from '../model/header.js';
import { deriveFrom } from './derive.js';
import { pxr24Bits } from './ids.js';
import { type Manifest, possibleNames, storedManifest } from './manifest.js';

/**
 * Refuses IDs that no repair can restore, with the reason.
 *
 * @throws ExrError `IDS_DESTROYED` (kind `invalid`).
 */
export function refuseDestroyed(header: Header): void {
  const sets = [...headerSets(header), ...orphanGroups(header).filter(({ name }) => /crypto/i.test(name))];
  for (const { name, layers } of sets) {
    const channels = layers.flatMap((layer) => layer.channels);
    const asColour = layers
      .map(({ part, channels: own }) => ({ part: header.parts[part], own: new Set(own) }))
      .find(({ part, own }) => part && storesAsColour(part, own));
    const why = channels.some(({ type }) => type !== 'float')
      ? 'its channels are not 32-bit float'
      : asColour
        ? `${asColour.part?.compression.toUpperCase()} stored its channels as if they were colour`
        : undefined;
    if (why !== undefined)
      throw new ExrError('invalid', 'IDS_DESTROYED', `the IDs of "${name}" are destroyed: ${why}`, {
        hint: 'They cannot be restored. Re-render, or use a copy from before the change.',
      });
  }
}

/** Whether a codec has stored some of these channels like colour. (IDs that PXR24 rounds can be restored.) */
function storesAsColour({ compression, channels }: Part, own: ReadonlySet<Channel>): boolean {
  return (
    compression !== 'pxr24' &&
    codecOf(compression)
      .loses(channels)
      .some((channel) => own.has(channel))
  );
}

/** The result of {@link restoreIds} for one set. */
export interface IdRestoration {
  readonly set: CryptomatteSet;
  /** Rounded IDs that two names share, so that the right one is unknown. */
  readonly ambiguous: number;
}

/**
 * CM-D13: gives IDs that PXR24 rounded to 24 bits the bits that their names have. Works on the given sets;
 * their planes are computed from the arrived ones, and parts compressed with PXR24, which would round again, become ZIP.
 */
export function restoreIds(
  header: Header,
  sets: readonly CryptomatteSet[],
): { header: Header; restorations: IdRestoration[] } {
  const planes = new Map<Channel, (inputs: readonly Samples[], output: Samples) => void>();
  const parts = new Set<number>();
  const restorations = sets.flatMap((set): IdRestoration[] => {
    if (!set.manifest) return [];
    const { table, ambiguous } = roundingTable(possibleNames(storedManifest(set.manifest)).names);
    for (const { part, slots } of set.layers)
      for (const channel of [slots.r, slots.b])
        if (channel) {
          planes.set(channel, ([input], output) => restore(input as Samples, output, table));
          parts.add(part);
        }
    return [{ set, ambiguous }];
  });
  const restored = header.parts.map((part, number): Part => {
    if (!parts.has(number)) return part;
    const channels = part.channels.map((channel) => {
      const compute = planes.get(channel);
      return compute ? { ...channel, plane: deriveFrom([channel], compute), ids: 'yes' as const } : channel;
    });
    return { ...part, channels, compression: part.compression === 'pxr24' ? 'zip' : part.compression };
  });
  return { header: { ...header, parts: restored }, restorations };
}

/** Maps rounded bits to the bits of the only name that rounds to them. */
function roundingTable(names: Manifest): { table: Map<number, number>; ambiguous: number } {
  const table = new Map<number, number>();
  const doubtful = new Set<number>();
  for (const right of names.values()) {
    const rounded = pxr24Bits(right);
    const other = table.get(rounded);
    if (other !== undefined && other !== right) doubtful.add(rounded);
    table.set(rounded, right);
  }
  for (const rounded of doubtful) table.delete(rounded);
  return { table, ambiguous: doubtful.size };
}

function restore(input: Samples, output: Samples, table: ReadonlyMap<number, number>): void {
  const from = new Uint32Array(input.buffer, input.byteOffset, input.length);
  const to = new Uint32Array(output.buffer, output.byteOffset, output.length);
  for (let i = 0; i < from.length; i++) {
    const bits = from[i] as number;
    to[i] = table.get(bits) ?? bits;
  }
}
