// Chunks for tests of splicing: channels of every kind, samples of every texture, and zlib streams by many encoders.
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  type ChannelLayout,
  type ChunkLayout,
  type ChunkSource,
  type Codecs,
  type PixelType,
  planarSize,
  type SpliceTarget,
} from '../src/index.js';
import { oddDeflate, type Random, random } from './odd-deflate.js';

const TYPES: readonly PixelType[] = ['half', 'half', 'float', 'float', 'uint'];

/** Samples of a channel: flat, steps, a noisy ramp, or noise. */
function texture(channel: ChannelLayout, bytes: number, next: Random): Uint8Array {
  const kind = next(4);
  const step = channel.type === 'half' ? 2 : 4;
  const view = new DataView(new ArrayBuffer(bytes));
  const level = next(0x7000);
  let last = level;
  for (let at = 0; at < bytes; at += step) {
    if (kind === 1 && next(15) === 0) last = next(0x7000);
    else if (kind === 2) last = (level + (at >> 3) + next(6)) & 0x7bff;
    else if (kind === 3) last = next(0x7c00);
    // A float of 16 significant bits, or of 32 when noisy.
    if (step === 2) view.setUint16(at, last, true);
    else view.setUint32(at, (last << 16) | (kind === 3 ? next(0x10000) : 0), true);
  }
  return new Uint8Array(view.buffer);
}

/** A source and its planar samples. */
export interface Made extends ChunkSource {
  readonly planar: Uint8Array;
}

/** Everything a splice takes; `width` and so on are the same for all layouts. */
export interface Case {
  readonly sources: readonly Made[];
  readonly targets: readonly SpliceTarget[];
}

/** Makes a packed chunk from samples, or takes what is already there. */
export type Packer = (layout: ChunkLayout, planar: Uint8Array, next: Random) => Uint8Array;

/** How large the chunks of a case may be, and whether channels may be sub-sampled. */
export interface Bounds {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

export function makeCase(seed: number, bounds: Bounds, pack: Packer): Case {
  const next = random(seed);
  const area = {
    x: next(40) - 20,
    y: next(40) - 20,
    width: 1 + next(bounds.width),
    height: 1 + next(bounds.height),
  };
  const sources: Made[] = Array.from({ length: 1 + next(3) }, (_, s) => {
    const channels = Array.from({ length: 1 + next(bounds.channels) }, (_, c) => ({
      name: `s${s}.c${c}`,
      type: TYPES[next(TYPES.length)] ?? 'half',
      xSampling: next(8) === 0 ? 2 : 1,
      ySampling: next(8) === 0 ? 3 : 1,
      linear: next(2) === 0,
    }));
    const layout = { ...area, channels };
    const parts = channels.map((channel) => texture(channel, planarSize({ ...layout, channels: [channel] }), next));
    const planar = new Uint8Array(Buffer.concat(parts));
    return { layout, planar, packed: pack(layout, planar, next) };
  });
  const targets = Array.from({ length: 1 + next(3) }, () => makeTarget(sources, next));
  return { sources, targets };
}

function makeTarget(sources: readonly Made[], next: Random): SpliceTarget {
  const all = sources.flatMap(({ layout }, source) => layout.channels.map((_, channel) => ({ source, channel })));
  // In the order of the sources, or in any, some left out, some twice.
  const shuffle = next(2) === 0;
  const from = all.filter(() => next(4) > 0).flatMap((pick) => (next(12) === 0 ? [pick, pick] : [pick]));
  if (from.length === 0) from.push(...all);
  if (shuffle) from.sort(() => next(3) - 1);
  const channels = from.map(({ source, channel }, i) => {
    const origin = sources[source]?.layout.channels[channel];
    if (origin === undefined) throw new Error('no such channel');
    return { ...origin, name: `t${String(i).padStart(3, '0')}` };
  });
  const [first] = sources;
  if (first === undefined) throw new Error('no source');
  return { layout: { ...first.layout, channels }, from };
}

/** The samples a target must have, given its sources'. */
export function expected(
  planar: readonly Uint8Array[],
  sources: readonly ChunkSource[],
  target: SpliceTarget,
): Uint8Array {
  const parts = target.from.map(({ source, channel }) => {
    const { layout } = sources[source] as ChunkSource;
    const start = planarSize({ ...layout, channels: layout.channels.slice(0, channel) });
    const bytes = planarSize({ ...layout, channels: layout.channels.slice(channel, channel + 1) });
    return planar[source]?.subarray(start, start + bytes) ?? new Uint8Array(0);
  });
  return new Uint8Array(Buffer.concat(parts));
}

/** The bytes of a ZIP chunk in front of zlib, by the definition of OpenEXR's file format. */
export function predicted(raw: Uint8Array): Uint8Array {
  const half = (raw.length + 1) >> 1;
  const split = raw.map((_, i) => raw[i < half ? 2 * i : 2 * (i - half) + 1] ?? 0);
  return split.map((byte, i) => (i === 0 ? byte : (byte - (split[i - 1] ?? 0) + 128) & 0xff));
}

/** Packs ZIP chunks by any encoder, at any setting, never raw. */
export function zipPacker(codecs: Codecs): Packer {
  return (layout, planar, next) => {
    const bytes = predicted(codecs.encode('none', layout, planar));
    return anyDeflate(bytes, next);
  };
}

export function anyDeflate(bytes: Uint8Array, next: Random): Uint8Array {
  if (next(3) === 0) return oddDeflate(bytes, next);
  const strategies = [
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ];
  return new Uint8Array(
    deflateSync(bytes, {
      level: next(10),
      strategy: strategies[next(strategies.length)],
      memLevel: 1 + next(9),
      windowBits: 9 + next(7),
    }),
  );
}

/** Seeds for makeCase; a failing one is shrunk to nothing better, so that it is shown as it is. */
export const seeds = fc.noShrink(fc.integer({ min: 1, max: 0x7fffffff }));
