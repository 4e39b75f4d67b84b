import type { ChannelLayout } from '../src/index.js';
import { planarSize } from '../src/index.js';

/** An image to measure with: planar samples and their lines. */
export interface TestImage {
  readonly width: number;
  readonly height: number;
  readonly channels: readonly ChannelLayout[];
  readonly planar: Uint8Array;
  /** Planar samples of lines y to y + height - 1. */
  crop(y: number, height: number): Uint8Array;
}

/**
 * Something like a rendered frame: an empty background (a quarter), surfaces of one colour, smooth shading with the
 * grain of a path tracer over most of the rest, and hard edges between them. Half or float channels without
 * sub-sampling; a channel named Z gets depths.
 */
export function render(width: number, height: number, channels: readonly ChannelLayout[]): TestImage {
  const lineBytes = channels.map((channel) => planarSize({ x: 0, y: 0, width, height: 1, channels: [channel] }));
  const planar = new Uint8Array(planarSize({ x: 0, y: 0, width, height, channels }));
  const view = new DataView(planar.buffer);
  let at = 0;
  channels.forEach((channel, c) => {
    const random = noise(c + 1);
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        const value = shade(channel.name, c, x / width, y / height, random);
        if (channel.type === 'half') view.setUint16(at, toHalf(value), true);
        else view.setFloat32(at, value, true);
        at += channel.type === 'half' ? 2 : 4;
      }
    }
  });
  const crop = (y: number, lines: number): Uint8Array => {
    const parts: Uint8Array[] = [];
    let start = 0;
    for (const bytes of lineBytes) {
      parts.push(planar.subarray(start + y * bytes, start + (y + lines) * bytes));
      start += height * bytes;
    }
    return new Uint8Array(Buffer.concat(parts));
  };
  return { width, height, channels, planar, crop };
}

/** Sample of one channel at (u, v) in 0 .. 1. */
function shade(name: string, c: number, u: number, v: number, random: () => number): number {
  const sky = v < 0.25 + 0.05 * Math.sin(9 * u);
  if (name === 'Z') return sky ? 1e10 : 4 + 30 * (1 - v) + Math.sin(40 * u);
  if (name === 'A') return sky ? 0 : 1;
  if (sky) return 0;
  // Panels of one colour, as flat as a matte.
  if (Math.floor(u * 8) % 4 === 1 && v > 0.6) return 0.18 * (c + 1);
  const light = 0.5 + 0.4 * Math.sin(6 * u + c) * Math.cos(5 * v);
  const texture = Math.floor(u * 60) % 2 === Math.floor(v * 34) % 2 ? 0.15 : 0;
  return Math.max(0, light + texture + 0.03 * (random() - 0.5));
}

/** Uniform numbers in 0 .. 1 from a seed. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The half nearest to a finite number from 0 to 65504; what is too small for a normal half becomes 0. */
function toHalf(value: number): number {
  floats[0] = value;
  const float = bits[0] ?? 0;
  return float < 0x38800000 ? 0 : (float - 0x38000000 + 0x1000) >>> 13;
}
