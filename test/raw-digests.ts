/**
 * Digests of the very bits of a file's samples, at every level and of deep parts too, as fixtures/zstd/README.md has them. By way
 * of chunks that are not compressed, which anybody can take apart.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Test } from 'tap';
import { parseDeepSizes } from '../lib/format/chunk-leader.js';
import { Geometry, levelSize, sampleCount } from '../lib/format/geometry.js';
import { type Box, type Channel, isDeep, openExr, type Part, writeDocument } from '../lib/index.js';
import { bytesPerSample } from '../lib/model/header.js';
import { temporaryFolder } from './support.js';

/** Lines `part, level, channel, digest` with tabs between. */
export async function rawDigests(t: Test, path: string): Promise<string[]> {
  const plain = join(await temporaryFolder(t), 'plain.exr');
  const document = await openExr(path);
  const parts = document.header.parts.map((part): Part => ({ ...part, compression: 'none' }));
  await writeDocument({ ...document, header: { ...document.header, parts } }, plain);
  const { header, source } = await openExr(plain);
  try {
    const lines: string[] = [];
    for (const [number, part] of header.parts.entries()) {
      const planes = new Planes(part);
      const geometry = new Geometry(part);
      for (let index = 0; index < geometry.chunkCount; index++) {
        const place = geometry.place(index);
        const level = place.kind === 'lines' ? '0,0' : `${place.lx},${place.ly}`;
        planes.add(level, geometry.region(index), await source.read({ part: number, index }));
      }
      lines.push(...planes.digests().map((line) => `${number}\t${line}`));
    }
    return lines;
  } finally {
    await source.close();
  }
}

interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The pixels' samples of one part, by level and channel; a pixel of a deep part has several or none. */
class Planes {
  readonly #part: Part;
  readonly #levels = new Map<string, Map<string, Map<number, Uint8Array>>>();

  constructor(part: Part) {
    this.#part = part;
  }

  add(level: string, region: Region, payload: Uint8Array): void {
    const planes = this.#levels.get(level) ?? new Map<string, Map<number, Uint8Array>>();
    this.#levels.set(level, planes);
    if (isDeep(this.#part)) this.#addDeep(planes, region, payload);
    else this.#addFlat(planes, region, payload);
  }

  #addFlat(planes: Map<string, Map<number, Uint8Array>>, region: Region, raw: Uint8Array): void {
    let at = 0;
    for (let y = region.y; y < region.y + region.height; y++)
      for (const channel of this.#part.channels) {
        if (y % channel.ySampling !== 0) continue;
        const size = bytesPerSample(channel.type);
        for (let x = region.x; x < region.x + region.width; x++) {
          if (x % channel.xSampling !== 0) continue;
          set(planes, channel.name, x, y, raw.subarray(at, at + size));
          at += size;
        }
      }
    if (at !== raw.length) throw new Error(`${raw.length} raw bytes where ${at} are expected`);
  }

  #addDeep(planes: Map<string, Map<number, Uint8Array>>, region: Region, payload: Uint8Array): void {
    const sizes = parseDeepSizes(payload);
    const table = new DataView(payload.buffer, payload.byteOffset + 24, sizes.table);
    const samples = payload.subarray(24 + sizes.table, 24 + sizes.table + sizes.samples);
    let at = 0;
    for (let row = 0; row < region.height; row++) {
      const ends = Array.from({ length: region.width }, (_, x) => table.getInt32((row * region.width + x) * 4, true));
      const counts = ends.map((end, x) => end - (ends[x - 1] ?? 0));
      for (const [x, count] of counts.entries())
        set(planes, '#samples', region.x + x, region.y + row, new Uint8Array(Uint32Array.of(count).buffer));
      for (const { name, type } of this.#part.channels)
        for (const [x, count] of counts.entries()) {
          const bytes = count * bytesPerSample(type);
          set(planes, name, region.x + x, region.y + row, samples.subarray(at, at + bytes));
          at += bytes;
        }
    }
    if (at !== samples.length) throw new Error(`${samples.length} bytes of samples where ${at} are expected`);
  }

  digests(): string[] {
    const { channels, dataWindow, tiles } = this.#part;
    const names = [...(isDeep(this.#part) ? ['#samples'] : []), ...channels.map(({ name }) => name)];
    return [...this.#levels].flatMap(([level, planes]) =>
      names.map((name) => {
        const channel = channels.find((one) => one.name === name);
        const found = [...(planes.get(name) ?? [])].toSorted(([a], [b]) => a - b);
        const expected = pixelsOf(
          dataWindow,
          level,
          tiles?.rounding ?? 'down',
          isDeep(this.#part) ? undefined : channel,
        );
        if (found.length !== expected)
          throw new Error(`${found.length} pixels of ${name} where ${expected} are expected`);
        const hash = createHash('sha256');
        for (const [, bytes] of found) hash.update(bytes);
        return `${level}\t${name}\t${hash.digest('hex')}`;
      }),
    );
  }
}

function set(
  planes: Map<string, Map<number, Uint8Array>>,
  name: string,
  x: number,
  y: number,
  bytes: Uint8Array,
): void {
  const plane = planes.get(name) ?? new Map<number, Uint8Array>();
  planes.set(name, plane);
  // In the order of lines, whatever the sign of the coordinates.
  plane.set(y * 2 ** 20 + x, bytes);
}

function pixelsOf(window: Box, level: string, rounding: 'up' | 'down', channel: Channel | undefined): number {
  const [lx = 0, ly = 0] = level.split(',').map(Number);
  const { xSampling, ySampling } = channel ?? { xSampling: 1, ySampling: 1 };
  const columns = sampleCount(window.xMin, levelSize(window.xMax - window.xMin + 1, lx, rounding), xSampling);
  return columns * sampleCount(window.yMin, levelSize(window.yMax - window.yMin + 1, ly, rounding), ySampling);
}
