/** What several tests share: fixtures, temporary folders, digests of pixels. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { codecOf } from '../lib/codecs/table.js';
import { parseHeader } from '../lib/format/header-parser.js';
import { tableLength } from '../lib/format/offset-table.js';
import { type ByteSink, type ExrDocument, isDeep, openExr } from '../lib/index.js';
import { narrowFloats } from '../lib/jobs/half.js';
import { readSamples } from '../lib/node/pipeline.js';

/** Tests run compiled, from dist/test; fixtures stay in the source tree. */
const fixtures = fileURLToPath(new URL('../../test/fixtures/', import.meta.url));

export function fixturePath(name: string): string {
  return join(fixtures, name);
}

export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fixturePath(name)));
}

/** A folder of its own for a test, removed with it. */
export async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'exrpipe-test-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Where the offset tables of a file begin, and its first chunk. */
export function offsetTables(file: Uint8Array): { readonly start: number; readonly end: number } {
  const { length, chunkCounts } = parseHeader(file);
  return { start: length, end: length + tableLength(chunkCounts.map((count) => count ?? 0)) };
}

/** Bytes as a stream of pieces of this size. */
export function inPieces(bytes: Uint8Array, size: number): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );
}

/** Bytes one at a time, and after the first thousands in small pieces of changing size, so that everything is cut everywhere. */
export function inCrumbs(bytes: Uint8Array): Readable {
  return Readable.from(
    (function* () {
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = at < 3000 ? 1 : 1 + (turn % 61);
        yield bytes.subarray(at, at + size);
        at += size;
      }
    })(),
  );
}

/** Collects what a pipe would get: no going back. */
export function memorySink(): ByteSink & { bytes(): Uint8Array; aborted: boolean } {
  const pieces: Uint8Array[] = [];
  return {
    name: 'memory',
    aborted: false,
    async write(bytes) {
      pieces.push(bytes.slice());
    },
    async finish() {},
    async abort() {
      this.aborted = true;
    },
    bytes: () => Buffer.concat(pieces),
  };
}

/** One line per flat channel, as the reference library's digests in fixtures/reference/digests.tsv: part, channel, digest. */
export async function pixelDigests(path: string): Promise<string[]> {
  const document = await openExr(path);
  try {
    return await documentDigests(document);
  } finally {
    await document.source.close();
  }
}

async function documentDigests(document: ExrDocument): Promise<string[]> {
  const lines: string[] = [];
  for (const [number, part] of document.header.parts.entries()) {
    if (isDeep(part)) continue;
    for (const { name, type } of part.channels) {
      const { xMin, yMin, xMax } = part.dataWindow;
      // Tiles come tile by tile, a digest goes line by line: samples are put in place first.
      const columns = xMax - xMin + 1;
      const plane = new Map<number, number>();
      for await (const { region, samples } of readSamples(document, part, [name])) {
        const [values] = samples;
        if (!values) throw new Error(`no samples of ${name}`);
        const { xSampling, ySampling } = part.channels.find((channel) => channel.name === name) ?? {
          xSampling: 1,
          ySampling: 1,
        };
        let i = 0;
        for (let y = region.y; y < region.y + region.height; y++)
          for (let x = region.x; x < region.x + region.width; x++)
            if (x % xSampling === 0 && y % ySampling === 0)
              plane.set((y - yMin) * columns + x - xMin, values[i++] ?? 0);
        if (i !== values.length) throw new Error(`${values.length} samples of ${name} where ${i} were expected`);
      }
      const ordered = [...plane].toSorted(([a], [b]) => a - b).map(([, value]) => value);
      const bytes =
        type === 'half'
          ? new Uint8Array(halves(Float32Array.from(ordered)).buffer)
          : new Uint8Array((type === 'float' ? Float32Array : Uint32Array).from(ordered).buffer);
      lines.push(`${number}\t${name}\t${fnv(bytes)}`);
    }
  }
  return lines;
}

/** Floats as halves. */
export function halves(floats: Float32Array): Uint16Array {
  const out = new Uint16Array(floats.length);
  narrowFloats(floats, out);
  return out;
}

/** 64-bit FNV-1a, in two 32-bit halves: BigInt would take most of the tests' time. */
export function fnv(bytes: Uint8Array): string {
  let high = 0x14650fb0;
  let low = 0x739d0383;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // times 0x100000001b3 = 2^40 + 0x1b3
    const carry = Math.floor((low * 0x1b3) / 2 ** 32);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = Math.imul(low, 0x1b3) >>> 0;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}

/** The reference library's digests of a fixture in fixtures/reference, deep parts left out. */
export function referenceDigests(name: string): string[] {
  const mine = allDigests().filter(([file]) => file === name);
  const deep = new Set(mine.filter(([, , channel]) => channel === '(sample counts)').map(([, part]) => part));
  return mine
    .filter(([, part]) => !deep.has(part))
    .map(([, part, channel, , , digest]) => `${part}\t${channel}\t${digest}`);
}

/** The same for its deep parts: part, channel or "(sample counts)", digest. */
export function deepReferenceDigests(name: string): string[] {
  const flat = new Set(referenceDigests(name));
  return allDigests()
    .filter(([file]) => file === name)
    .map(([, part, channel, , , digest]) => `${part}\t${channel}\t${digest}`)
    .filter((line) => !flat.has(line));
}

/** Names of all files in fixtures/reference. */
export function referenceFiles(): string[] {
  return [...new Set(allDigests().map(([file]) => file ?? ''))];
}

function allDigests(): string[][] {
  const lines = readFileSync(fixturePath('reference/digests.tsv'), 'utf8').trim().split('\n');
  return lines.map((line) => line.split('\t'));
}

/** A file with the compression of its parts called another one, by the id in their headers: nothing else changes. */
export function withCompression(file: Uint8Array, id: number | readonly number[]): Uint8Array {
  const named = new TextEncoder().encode('compression\0compression\0\x01\0\0\0');
  const out = Buffer.from(file);
  let part = 0;
  for (let at = out.indexOf(named); at >= 0; at = out.indexOf(named, at + 1))
    out[at + named.length] = typeof id === 'number' ? id : (id[part++] as number);
  return new Uint8Array(out);
}

/** The ids of the compressions of a file's parts. */
export function compressionIds(file: Uint8Array): number[] {
  return parseHeader(file).header.parts.map(({ compression }) => codecOf(compression).id);
}
