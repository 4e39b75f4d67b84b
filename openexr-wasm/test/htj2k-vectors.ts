// Chunks of HTJ2K as the reference library wrote them: see vectors/htj2k.mjs.
import { readFileSync } from 'node:fs';
import type { ChunkLayout } from '../src/index.js';

export interface HtVector extends ChunkLayout {
  /** File and number of the chunk. */
  readonly name: string;
  readonly compression: 'htj2k256' | 'htj2k32' | 'lj2k';
  readonly packed: Uint8Array;
  /** SHA-256 of each channel's samples, in file order. */
  readonly decoded: readonly string[];
}

export function readHtVectors(): HtVector[] {
  return read('htj2k.jsonl');
}

/** Chunks of LJ2K, with what OpenEXR 3.5.3 decodes of them. */
export function readLjVectors(): HtVector[] {
  return read('lj2k.jsonl');
}

/** Chunks around codestreams of an encoder that is not OpenEXR's, or as it never makes them: see vectors/htj2k-foreign.mjs and -passes.mjs. */
export function readForeignVectors(): HtVector[] {
  return [...read('htj2k-foreign.jsonl'), ...read('htj2k-passes.jsonl')];
}

function read(file: string): HtVector[] {
  const text = readFileSync(new URL(`../../test/vectors/${file}`, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const vector: Omit<HtVector, 'packed'> & { packed: string } = JSON.parse(line);
      return { ...vector, packed: new Uint8Array(Buffer.from(vector.packed, 'base64')) };
    });
}

/** The vector of this name. */
export function htVector(name: string): HtVector {
  const found = readHtVectors().find((vector) => vector.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
}
