/** EXR files as seeds, and files in memory. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseHeader } from '../../lib/format/header-parser.js';
import { tableLength } from '../../lib/format/offset-table.js';
import type { ExrDocument } from '../../lib/index.js';
import type { RandomBytes } from '../../lib/io/random-bytes.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import { ExrError } from '../../lib/model/error.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { fixturePath } from '../support.js';
import type { Seed } from './surface.js';

/** Seeds are small, so that much of what changes in them matters, and many are tried in a minute. */
const largestSeed = 60_000;

/** EXR files of the fixtures, and of the folder that FUZZ_SEEDS names. */
export function exrSeeds(): Seed[] {
  const folders = ['reference', 'zstd', 'cases', 'single', 'blender', 'blender5'].map((name) => fixturePath(name));
  const { FUZZ_SEEDS: more } = process.env;
  return [...folders, ...(more ? [more] : [])].flatMap((folder) => filesIn(folder, '.exr'));
}

/** The files of a folder and those in it, in the order of their names. */
export function filesIn(folder: string, ending: string): Seed[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && statSync(join(folder, name)).isFile())
    .sort()
    .map((name) => ({ name, bytes: new Uint8Array(readFileSync(join(folder, name))) }))
    .filter(({ bytes }) => bytes.length > 0 && bytes.length <= largestSeed);
}

/** Where a file's header ends, and its offset tables. */
export function bordersOf(bytes: Uint8Array): { header: number; tables: number } | undefined {
  try {
    const { length, chunkCounts } = parseHeader(bytes);
    return { header: length, tables: length + tableLength(chunkCounts.map((count) => count ?? 0)) };
  } catch {
    return undefined;
  }
}

export class MemoryBytes implements RandomBytes {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    if (position + length > this.size) throw new ExrError('invalid', 'FILE_TRUNCATED', 'the file ends too early');
    return this.#bytes.slice(position, position + length);
  }

  async readInto(into: Uint8Array, position: number): Promise<number> {
    const piece = this.#bytes.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  }

  async close(): Promise<void> {}
}

/** Bytes as they come through a pipe. */
export async function* inPieces(bytes: Uint8Array, size = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

/** Jobs of the surfaces run here, where their errors can be seen. */
export const runner = inlineRunner(loadKernels);

export async function closed<Result>(document: ExrDocument, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } finally {
    await document.source.close();
  }
}
