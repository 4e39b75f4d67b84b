// Lines of a frame of view layers, to measure with.
import { type ChannelLayout, planarSize } from '../src/index.js';

export const LAYERS = ['BG', 'Chars', 'FG'];

/** What a channel shows. */
type Kind = 'colour' | 'alpha' | 'depth' | 'normal' | 'id' | 'coverage';
export type Channel = ChannelLayout & { readonly kind: Kind; readonly rank: number; readonly objects: number };

/** Three view layers of 35 channels each, in file order: colours, depth, normals, two Cryptomattes of three ranks. */
export function channelsOf(colours: 'half' | 'float'): Channel[] {
  return LAYERS.flatMap((layer) => {
    const channel = (name: string, kind: Kind): Channel => ({
      name: `${layer}.${name}`,
      type: kind === 'colour' || kind === 'alpha' ? colours : 'float',
      xSampling: 1,
      ySampling: 1,
      linear: false,
      kind,
      rank: 0,
      objects: 0,
    });
    const matte = (set: string) =>
      [0, 1, 2].flatMap((rank) =>
        ['a', 'b', 'g', 'r'].map((name) => ({
          ...channel(`${set}0${rank}.${name}`, 'ag'.includes(name) ? 'coverage' : 'id'),
          // Two ranks share the four channels of a layer.
          rank: 2 * rank + ('ab'.includes(name) ? 1 : 0),
          objects: set === 'CryptoObject' ? 12 : 7,
        })),
      );
    return [
      channel('Combined.A', 'alpha'),
      ...['B', 'G', 'R'].map((name) => channel(`Combined.${name}`, 'colour')),
      ...matte('CryptoMaterial'),
      ...matte('CryptoObject'),
      channel('Depth.Z', 'depth'),
      ...['B', 'G', 'R'].map((name) => channel(`DiffCol.${name}`, 'colour')),
      ...['X', 'Y', 'Z'].map((name) => channel(`Normal.${name}`, 'normal')),
    ];
  });
}

/**
 * A sample at (u, v): a renderer's grain on most of the image and nothing on the rest; mattes in cells, with a second
 * and third object at soft edges.
 */
function shade({ kind, rank, objects }: Channel, c: number, u: number, v: number, grain: number): number {
  const light = Math.sin(u * 7 + c) * Math.cos(v * 5 + c);
  if (light < -0.4) return kind === 'depth' ? 1e10 : 0;
  if (kind === 'colour') return 0.5 + 0.3 * light + 0.05 * grain;
  if (kind === 'alpha') return 1;
  if (kind === 'depth') return 10 + 3 * light + u;
  if (kind === 'normal') return Math.sin(u * 9 + v * 4 + c) * 0.7;
  const edge = Math.abs(u * objects - Math.round(u * objects)) * 40;
  if (rank > 2 || (rank > 0 && edge > 1)) return 0;
  if (kind === 'coverage') return edge > 1 ? 1 : ([0.5 + 0.5 * edge, 0.4 * (1 - edge), 0.1 * (1 - edge)][rank] ?? 0);
  return Math.sin((Math.floor(u * objects) + 16 * Math.floor(v * 9) + 256 * rank) * objects) ** 2;
}

/** Planar samples of some lines of a frame 1080 lines high. */
export function samples(channels: readonly Channel[], width: number, y: number, height: number): Uint8Array {
  const layout = { x: 0, y, width, height, channels };
  const planar = new Uint8Array(planarSize(layout));
  const view = new DataView(planar.buffer);
  let at = 0;
  let state = y + 1;
  channels.forEach((channel, c) => {
    const { type } = channel;
    for (let i = 0; i < width * height; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const value = shade(channel, c, (i % width) / width, (y + i / width) / 1080, state / 2 ** 32);
      if (type === 'float') view.setFloat32(at, value, true);
      // As good as rounding here.
      else view.setUint16(at, value === 0 ? 0 : 0x3c00 + Math.floor(Math.log2(Math.abs(value) + 1) * 0x3ff), true);
      at += type === 'float' ? 4 : 2;
    }
  });
  return planar;
}
