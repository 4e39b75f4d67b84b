import { readExrHeader } from '../../lib/index.js';

/** Options that make oiiotool keep half channels half: in a mixed file it would convert all of them to float. */
export async function keepHalf(files: readonly string[]): Promise<string[]> {
  const options: string[] = [];
  for (const file of files)
    for (const { channels } of (await readExrHeader(file)).parts)
      for (const { name, type } of channels) if (type === 'half') options.push('-d', `${name}=half`);
  return options;
}
