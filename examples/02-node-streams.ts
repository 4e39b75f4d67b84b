/**
 * The same as Node streams. What flows is pictures, one object for each frame; their pixels move when the sink pulls them,
 * in bounded memory.
 *
 *     node dist/examples/02-node-streams.js 'out/{stem}_{layer}.{frame}.exr' shot.0001.exr shot.0002.exr
 */
import { pipeline } from 'node:stream/promises';
import { pick, split } from '../filters/index.js';
import { exrSink, exrSource } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** Writes the Cryptomattes of each frame to files of their own, and gives the files' names. */
export async function splitCryptomattes(pattern: string, inputs: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  await pipeline(
    exrSource(inputs),
    pick.stream({ layer: ['*.Crypto*'] }),
    split.stream({ by: 'layer' }),
    exrSink(pattern, { onReport: (report) => void files.push(...report.files) }),
  );
  return files;
}

await asProgram(import.meta.url, ['PATTERN', 'INPUT…'], (pattern = '', ...inputs) =>
  splitCryptomattes(pattern, inputs),
);
