/** What holds for Cryptomattes, whoever wrote the file and whatever steps it went through. */
import fc from 'fast-check';
import t from 'tap';
import { type Breach, namesFollow } from './chain-laws.js';
import { sketches } from './chains.js';
import { describe, layouts } from './layouts.js';

/** Nothing, where a law holds; what happened, where it does not. */
function hold(breach: Breach | undefined): void {
  if (breach === undefined) return;
  const steps = breach.steps.map(({ filter, options }) => JSON.stringify({ [filter]: options })).join('\n');
  throw new Error(`${breach.what} after\n${steps}\n${breach.file ? describe(breach.file) : ''}`);
}

t.test(
  'property: a Cryptomatte whose planes are there is found with its names and ranks, or a warning names it',
  async () => {
    await fc.assert(
      fc.asyncProperty(layouts, sketches(), fc.boolean(), async ({ header }, chain, apart) =>
        hold(await namesFollow(header, chain, apart)),
      ),
      { numRuns: 150 },
    );
  },
);
