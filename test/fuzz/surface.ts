/** A surface: one thing that takes bytes or text of strangers, and what may become of them. */
import { CodecError } from 'openexr-wasm';
import { isExrError } from '../../lib/index.js';
import { type Material, mutate, type Span } from './mutate.js';
import { Random } from './random.js';

export interface Seed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly spans?: readonly Span[] | undefined;
}

export interface Surface {
  readonly name: string;
  readonly seeds: readonly Seed[];
  readonly words?: readonly Uint8Array[] | undefined;
  /**
   * Does with the bytes what exrpipe does with such. Resolves, or throws what exrpipe throws; a {@link Finding} where the result
   * is wrong. `seed` is the number of the seed that the bytes were made of, for what is known of them beside.
   */
  readonly run: (bytes: Uint8Array, seed: number) => unknown;
}

/** What must not happen. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

/** One input, always the same for the same surface, seed of the numbers and index. */
export function inputOf(surface: Surface, seed: string, index: number): { bytes: Uint8Array; seed: number } {
  const random = new Random(surface.name, seed, index);
  const number = random.below(surface.seeds.length);
  const { bytes, spans } = surface.seeds[number] as Seed;
  const others = surface.seeds.map((other) => other.bytes);
  const material: Material = { bytes, others, spans, words: surface.words };
  return { bytes: mutate(material, random), seed: number };
}

export type Outcome = 'result' | 'error';

/** Runs one input. Throws a {@link Finding} when something else comes out than a result or an error that says what is wrong. */
export async function tryInput(surface: Surface, bytes: Uint8Array, seed: number): Promise<Outcome> {
  try {
    await surface.run(bytes, seed);
    return 'result';
  } catch (error) {
    if (error instanceof Finding) throw error;
    const problem = problemOf(error);
    if (problem === undefined) return 'error';
    throw new Finding(problem, { cause: error });
  }
}

/** Faults of the program, whatever error they are wrapped in: what is wrong with a file is never one of these. */
const faults = new Set(['TypeError', 'RangeError', 'ReferenceError', 'AssertionError', 'RuntimeError']);

function problemOf(error: unknown): string | undefined {
  if (!isOurs(error)) return describe(error);
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 20; depth++, cause = cause.cause) {
    if (faults.has(cause.name)) return `in ${error.name}: ${describe(cause)}`;
    if (cause instanceof CodecError && cause.code === 'internal') return `in ${error.name}: ${describe(cause)}`;
  }
  return undefined;
}

function isOurs(error: unknown): error is Error {
  return isExrError(error) || error instanceof CodecError;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${String(error)}`;
  const [frame = ''] = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  return `${error.name}: ${error.message.slice(0, 300)} ${frame.trim().replace(/\(?(file:\/\/)?\/.*\/(dist|node_modules)\//, '')}`;
}

/** Words of a text surface. */
export function texts(...words: readonly string[]): Uint8Array[] {
  return words.map((word) => new TextEncoder().encode(word));
}

export function textSeeds(...seeds: readonly string[]): Seed[] {
  return texts(...seeds).map((bytes, number) => ({ name: `text ${number}`, bytes }));
}

/** As exrpipe gets text: whatever the bytes are, a string. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
