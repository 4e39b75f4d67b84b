/**
 * Headers without pixels: which names the Cryptomattes of some files know.
 *
 *     node dist/examples/03-read-headers.js shot.*.exr
 */
import { describeHeader, readExrHeader } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** For each file its Cryptomattes and how many names they have; 'lost' for those without metadata. */
export async function countNames(files: readonly string[]): Promise<Map<string, Record<string, number | 'lost'>>> {
  const found = new Map<string, Record<string, number | 'lost'>>();
  for (const file of files) {
    const { cryptomattes, cryptomattesWithoutMetadata } = describeHeader(await readExrHeader(file));
    found.set(file, {
      ...Object.fromEntries(cryptomattes.map(({ name = '', names = 0 }) => [name, names])),
      ...Object.fromEntries(cryptomattesWithoutMetadata.map((name) => [name, 'lost'])),
    });
  }
  return found;
}

await asProgram(import.meta.url, ['FILE…'], (...files) => countNames(files));
