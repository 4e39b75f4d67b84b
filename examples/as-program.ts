import { fileURLToPath } from 'node:url';
import { describeError } from '../lib/index.js';

/** Runs an example with the words of the command line, when it is the program and not imported. */
export async function asProgram(
  url: string,
  words: readonly string[],
  example: (...values: string[]) => Promise<unknown>,
): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const values = process.argv.slice(2);
  try {
    if (values.length < words.length) throw new Error(`usage: node ${process.argv[1]} ${words.join(' ')}`);
    const result = await example(...values);
    if (result !== undefined) console.log(result);
  } catch (error) {
    console.error(describeError(error));
    process.exitCode = 1;
  }
}
