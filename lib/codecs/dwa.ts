/**
 * DWAA and DWAB. They depend on a channel's component, the last piece of its name: colours are coded with loss, and R, G and B
 * of one layer together, as luma and colour differences; everything else is kept. The decoder decides again, from the names
 * it finds. (Rules of version 2: OpenEXRCore, internal_dwa_classifier.h.)
 */
import type { ChunkLayout, SpliceTarget } from 'openexr-wasm/core';
import type { Attributes } from '../model/attributes.js';
import { parseChannelName } from '../model/names.js';
import type { Codec, CodecSettings, CodedChannel } from './codec.js';
import { byKernels, zlibLevels } from './kernels.js';

const lossyComponents: ReadonlySet<string> = new Set(['R', 'G', 'B', 'Y', 'BY', 'RY']);

/** Components that are coded together where a layer has all three. */
const triple = ['R', 'G', 'B'];

function colours<Own extends CodedChannel>(channels: readonly Own[]): readonly Own[] {
  return channels.filter(({ name, type }) => type !== 'uint' && lossyComponents.has(parseChannelName(name).component));
}

function renameObstacle(now: readonly CodedChannel[], then: readonly CodedChannel[]): string | undefined {
  return meanTheSame(now, then)
    ? undefined
    : 'DWA codes channels by their names, and the new names would be coded differently';
}

/** Each component must stay, and layers must stay apart. */
function meanTheSame(now: readonly CodedChannel[], then: readonly CodedChannel[]): boolean {
  const layers = new Map<string, string>();
  return (
    now.every((channel, index) => {
      const is = parseChannelName(channel.name);
      const was = parseChannelName((then[index] as CodedChannel).name);
      const known = layers.get(was.layer);
      layers.set(was.layer, is.layer);
      return is.component === was.component && (known === undefined || known === is.layer);
    }) && new Set(layers.values()).size === layers.size
  );
}

/**
 * What was coded together must stay together in one layer, and what was not must not become such a triple. (How the other
 * channels are coded is defined by rules in each chunk, which follow a rename.)
 */
function obstacle(sources: readonly ChunkLayout[], { layout, from }: SpliceTarget): string | undefined {
  const place = (source: number, channel: number) =>
    from.findIndex((pick) => pick.source === source && pick.channel === channel);
  const kept = new Set<string>();
  for (const [number, { channels }] of sources.entries())
    for (const members of triples(channels)) {
      const now = members.flatMap((member) => layout.channels[place(number, member)]?.name ?? []);
      const layers = new Set(now.map((name) => parseChannelName(name).layer));
      if (now.length > 0 && (now.length < members.length || layers.size > 1)) {
        const { layer } = parseChannelName(channels[members[0] as number]?.name ?? '');
        return `DWA codes R, G and B of a layer together, and those of "${layer}" would be separated`;
      }
      for (const name of now) kept.add(name);
    }
  const names = layout.channels.map(({ name }) => name);
  const joined = triples(layout.channels).find((members) => members.some((member) => !kept.has(names[member] ?? '')));
  return joined && `DWA codes R, G and B of a layer together, and "${names[joined[0] as number]}" was not`;
}

/** The numbers of R, G and B of each layer that has all three. */
function triples(channels: readonly { readonly name: string }[]): number[][] {
  const layers = new Map<string, number[]>();
  for (const [number, { name }] of channels.entries()) {
    const { layer, component } = parseChannelName(name);
    if (triple.includes(component)) layers.set(layer, [...(layers.get(layer) ?? []), number]);
  }
  return [...layers.values()].filter(({ length }) => length === triple.length);
}

/** The level the file's writer chose. */
function settings(attributes: Attributes): CodecSettings {
  const attribute = attributes.get('dwaCompressionLevel');
  if (attribute?.type !== 'float' || attribute.value.length < 4) return {};
  const { buffer, byteOffset } = attribute.value;
  const dwaLevel = new DataView(buffer, byteOffset).getFloat32(0, true);
  return dwaLevel >= 0 && Number.isFinite(dwaLevel) ? { dwaLevel } : {};
}

function dwa(id: number, name: 'dwaa' | 'dwab', lines: number): Codec {
  const kernels = byKernels(name);
  const splice = { ...kernels.splice, obstacle };
  return {
    id,
    name,
    lines,
    // For channels that are not coded as colour, which OpenEXR always packs as tightly as possible.
    levels: { ...zlibLevels, usual: '9' },
    loses: colours,
    lossText: 'colour channels named R, G, B, Y, BY and RY change, all others do not',
    // OpenEXR 3.1.5 turns floats beyond 65,504, including NaN, into that number, and halves that are infinite or NaN into zero.
    clipsToHalf: true,
    losesByName: true,
    renameObstacle,
    ...kernels,
    splice,
    settings,
  };
}

export const dwaa: Codec = dwa(8, 'dwaa', 32);

export const dwab: Codec = dwa(9, 'dwab', 256);
