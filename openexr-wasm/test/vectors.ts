// Access to the vectors of the reference library, and slicing of their images.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChunkLayout, Compression } from '../src/index.js';
import { planarSize } from '../src/index.js';

export interface VectorImage extends ChunkLayout {
  readonly name: string;
  readonly planar: Uint8Array;
}

export interface VectorChunk {
  readonly compression: Compression;
  readonly image: VectorImage;
  readonly layout: ChunkLayout;
  /** As the reference library stored it. */
  readonly packed: Uint8Array;
  /** SHA-256 of the planar samples the reference library decodes from it. */
  readonly decoded: string;
}

export interface Vectors {
  readonly images: readonly VectorImage[];
  readonly chunks: readonly VectorChunk[];
  /** Whether vectors.bin is what the generator wrote. */
  readonly intact: boolean;
}

type ImageLine = ChunkLayout & { readonly name: string; readonly offset: number; readonly size: number };

interface ChunkLine {
  readonly compression: Compression;
  readonly image: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly offset: number;
  readonly size: number;
  readonly decoded: string;
}

interface LastLine {
  readonly library: string;
  readonly sha256: string;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Reads the committed vectors. This file runs from dist/test. */
export function readVectors(): Vectors {
  const folder = new URL('../../test/vectors/', import.meta.url);
  const bin = new Uint8Array(readFileSync(new URL('vectors.bin', folder)));
  const images: VectorImage[] = [];
  const chunks: VectorChunk[] = [];
  let digest = '';
  for (const text of readFileSync(new URL('vectors.jsonl', folder), 'utf8').trim().split('\n')) {
    const line: ImageLine | ChunkLine | LastLine = JSON.parse(text);
    if ('name' in line) {
      images.push({ ...line, planar: bin.slice(line.offset, line.offset + line.size) });
    } else if ('compression' in line) {
      const image = images[line.image];
      if (image === undefined) throw new Error(`no image ${line.image}`);
      const { x, y, width, height, compression, decoded, offset, size } = line;
      const layout = { x, y, width, height, channels: image.channels };
      chunks.push({ compression, image, layout, decoded, packed: bin.slice(offset, offset + size) });
    } else {
      digest = line.sha256;
    }
  }
  return { images, chunks, intact: sha256(bin) === digest };
}

/** The planar samples of `chunk`'s rectangle of an image. */
export function crop(image: VectorImage, chunk: ChunkLayout): Uint8Array {
  const out = new Uint8Array(planarSize(chunk));
  let from = 0;
  let to = 0;
  for (const channel of image.channels) {
    const bytes = channel.type === 'half' ? 2 : 4;
    const line = (layout: ChunkLayout) => bytes * multiples(layout.x, layout.x + layout.width, channel.xSampling);
    const lines = (layout: ChunkLayout) => multiples(layout.y, layout.y + layout.height, channel.ySampling);
    const left = bytes * multiples(image.x, chunk.x, channel.xSampling);
    const top = multiples(image.y, chunk.y, channel.ySampling);
    for (let i = 0; i < lines(chunk); ++i) {
      const start = from + (top + i) * line(image) + left;
      out.set(image.planar.subarray(start, start + line(chunk)), to);
      to += line(chunk);
    }
    from += lines(image) * line(image);
  }
  return out;
}

/** How many multiples of `step` are in [from, to). */
function multiples(from: number, to: number, step: number): number {
  return Math.ceil(to / step) - Math.ceil(from / step);
}
