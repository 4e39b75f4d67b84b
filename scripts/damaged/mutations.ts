/** Small files cut off at every byte, and with every bit of their headers and offset tables flipped, done in this process. */
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { compress } from '../../filters/index.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { tableLength } from '../../lib/format/offset-table.js';
import { type ByteSink, type FilterStep, isExrError, runFrame } from '../../lib/index.js';
import { openBytes } from '../../lib/io/open.js';
import type { RandomBytes } from '../../lib/io/random-bytes.js';
import { writeDocument } from '../../lib/node/pipeline.js';
import { sharedRunners } from '../../lib/node/runners.js';

/** Small files of four kinds, by their names: ZIP lines, several parts, deep lines, tiles of DWA. */
export async function smallFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const read = async (name: string) =>
    new Uint8Array(await readFile(new URL(`../../../test/fixtures/reference/${name}`, import.meta.url)));
  const tiles = new MemorySink();
  await writeInMemory(await read('tiles_one.exr'), [compress({ to: 'dwaa' })], tiles, true);
  return new Map([
    ['scan_zip.exr', await read('scan_zip.exr')],
    ['parts.exr', await read('parts.exr')],
    ['deep_scan_zips.exr', await read('deep_scan_zips.exr')],
    ['tiles_one.exr as DWAA', tiles.bytes()],
  ]);
}

export interface Mutation {
  /** `cut at 100`, `bit 3 of byte 100`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The file without its end, for every place that it can end at. */
export function* truncations(file: Uint8Array): Generator<Mutation> {
  for (let length = 0; length < file.length; length++) yield { name: `cut at ${length}`, bytes: file.slice(0, length) };
}

/** The file with one bit flipped, for every bit before its first chunk. */
export function* flips(file: Uint8Array): Generator<Mutation> {
  const { length, chunkCounts } = parseHeader(file);
  const end = length + tableLength(chunkCounts.map((count) => count ?? 0));
  for (let at = 0; at < end; at++)
    for (let bit = 0; bit < 8; bit++) {
      const bytes = file.slice();
      bytes[at] = (bytes[at] as number) ^ (1 << bit);
      yield { name: `bit ${bit} of byte ${at}`, bytes };
    }
}

/** What became of one mutation by one way of reading and writing it. */
export interface Outcome {
  readonly way: string;
  /** The output; undefined where there was an error, which its code tells. */
  readonly output: Uint8Array | undefined;
  readonly code: string | undefined;
}

interface Way {
  readonly name: string;
  readonly steps: readonly FilterStep[];
  readonly piped: boolean;
}

const ways: readonly Way[] = [
  { name: 'passed on', steps: [], piped: false },
  { name: 'passed on by pipe', steps: [], piped: true },
  { name: 'compressed again', steps: [compress({ to: 'zips' })], piped: false },
];

/** Reads and writes a file in each way. Throws whatever is no ExrError: that is a fault of ours. */
export async function tryAll(bytes: Uint8Array): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const way of ways) outcomes.push(await tryOne(bytes, way));
  return outcomes;
}

async function tryOne(bytes: Uint8Array, { name, steps, piped }: Way): Promise<Outcome> {
  const sink = new MemorySink();
  try {
    if (piped) await runFrame([Readable.from([bytes])], steps, sink, { runner: sharedRunners.inline() });
    else await writeInMemory(bytes, steps, sink);
    if (sink.state !== 'finished') throw new Error(`${name}: ended without an error and without an output`);
    return { way: name, output: sink.bytes(), code: undefined };
  } catch (error) {
    // What nobody expected has been made an ExrError on its way; it is a fault all the same.
    if (!isExrError(error) || error.code === 'UNEXPECTED') throw error;
    if (sink.state === 'finished') throw new Error(`${name}: an error, and an output all the same`);
    return { way: name, output: undefined, code: error.code };
  }
}

async function writeInMemory(
  bytes: Uint8Array,
  steps: readonly FilterStep[],
  sink: ByteSink,
  allowLossy = false,
): Promise<void> {
  const document = await openBytes(new MemoryBytes(bytes), undefined);
  let { header } = document;
  const context = { inputs: [], programs: [], warn() {}, note() {}, signal: undefined };
  for (const step of steps) header = await step.header(header, context as never);
  await writeDocument({ ...document, header }, sink, { allowLossy, runner: sharedRunners.inline() });
}

class MemoryBytes implements RandomBytes {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    if (position + length > this.size) throw new Error(`read ${length} bytes at ${position} of ${this.size}`);
    return this.#bytes.slice(position, position + length);
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    const found = this.#bytes.subarray(position, position + into.length);
    into.set(found);
    return found.length;
  }

  async close(): Promise<void> {}
}

class MemorySink implements ByteSink {
  readonly name = 'memory';
  readonly #pieces: Uint8Array[] = [];
  state: 'open' | 'finished' | 'aborted' = 'open';

  async write(bytes: Uint8Array): Promise<void> {
    this.#pieces.push(bytes.slice());
  }

  async finish(): Promise<void> {
    this.state = 'finished';
  }

  async abort(): Promise<void> {
    this.state = 'aborted';
  }

  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#pieces));
  }
}
