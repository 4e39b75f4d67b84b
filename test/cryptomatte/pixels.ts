/** Headers with pixels, for tests of what only pixels tell. */
import { nameBits } from '../../lib/cryptomatte/hash.js';
import type { SampleReader } from '../../lib/cryptomatte/ids.js';
import type { Channel, Header, Samples } from '../../lib/model/header.js';

/** Pixels of every part: 8 x 8. */
export const pixels = 64;

/** Samples by the names of channels, over all parts. */
export type Planes = ReadonlyMap<string, Float32Array>;

/** A reader of samples by the names that channels had when they arrived; `read` collects what was asked for. */
export function readerOf(arrived: Header, planes: Planes, read: string[] = []): SampleReader {
  return async function* (part, names, options) {
    read.push(...names.map((name) => `${name}${options?.chunks ? '' : ' (all)'}`));
    const samples = names.map((name): Samples => {
      const { plane } = part.channels.find((channel) => channel.name === name) as Channel;
      if (!('index' in plane)) throw new Error('a plane that arrived was expected');
      const stored = arrived.parts[plane.part]?.channels[plane.index]?.name ?? '';
      return planes.get(stored) ?? new Float32Array(pixels);
    });
    yield { region: { x: 0, y: 0, width: 8, height: 8 }, samples };
  };
}

/** Planes of the ranks of one Cryptomatte, two for each layer; in each pixel the names take turns. Coverages descend, and add up to 1. */
export function rankPlanes(
  layers: readonly string[],
  names: readonly string[],
  components = 'rgba',
): Map<string, Float32Array> {
  const count = layers.length * 2;
  const sum = (count * (count + 1)) / 2;
  const planes = new Map<string, Float32Array>();
  for (const [layer, name] of layers.entries())
    for (const half of [0, 1]) {
      const rank = layer * 2 + half;
      const ids = new Uint32Array(pixels).map((_, at) => nameBits(names[(at + rank) % names.length] ?? ''));
      const [id, coverage] = [components[half * 2], components[half * 2 + 1]].map((one) =>
        name ? `${name}.${one}` : one,
      );
      planes.set(id ?? '', new Float32Array(ids.buffer));
      planes.set(coverage ?? '', new Float32Array(pixels).fill((count - rank) / sum));
    }
  return planes;
}

/** Planes of a layer of colour: a ramp. */
export function colourPlanes(layer: string, components = 'RGBA'): Map<string, Float32Array> {
  return new Map(
    [...components].map((component, index) => [
      layer === '' ? component : `${layer}.${component}`,
      new Float32Array(pixels).map((_, at) => (at + index) / pixels),
    ]),
  );
}
