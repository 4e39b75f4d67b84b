/** What holds for Cryptomattes, whoever wrote the file and whatever steps it went through. */
import fc from 'fast-check';
import t from 'tap';
import { compress, convert, rename } from '../../filters/index.js';
import type { FilterStep } from '../../lib/index.js';
import { programs } from '../../lib/layers/seen-by/program.js';
import {
  type Breach,
  idsArriveWhole,
  namesFollow,
  pipeEqualsChain,
  programsStillSee,
  settledOnce,
} from './chain-laws.js';
import { sketches } from './chains.js';
import { describe, layouts } from './layouts.js';
import { runs } from './runs.js';

/** Nothing, where a law holds; what happened, where it does not. */
function hold(breach: Breach | undefined): void {
  if (breach === undefined) return;
  const steps = breach.steps.map(({ filter, options }) => JSON.stringify({ [filter]: options })).join('\n');
  throw new Error(`${breach.what} after\n${steps}\n${breach.file ? describe(breach.file) : ''}`);
}

t.test(
  'property: a Cryptomatte that is all there is found with its names and ranks, or a warning names it',
  async () => {
    await fc.assert(
      fc.asyncProperty(layouts, sketches(), fc.boolean(), async ({ header }, chain, apart) =>
        hold(await namesFollow(header, chain, apart)),
      ),
      runs(),
    );
  },
);

t.test('property: one process and a pipe of processes give the same', async () => {
  await fc.assert(
    fc.asyncProperty(layouts, sketches(), async ({ header }, chain) => hold(await pipeEqualsChain(header, chain))),
    runs(),
  );
});

t.test('property: what is settled for a file stays so, and its pixels move as planned', async () => {
  await fc.assert(
    fc.asyncProperty(layouts, sketches(), fc.boolean(), async ({ header }, chain, apart) =>
      hold(await settledOnce(header, chain, apart)),
    ),
    runs(),
  );
});

t.test('property: what a program could use before it can use after, or a warning names it', async () => {
  await fc.assert(
    fc.asyncProperty(
      layouts,
      sketches(undefined, 2),
      fc.boolean(),
      fc.constantFrom(...programs),
      async ({ header }, chain, apart, program) => hold(await programsStillSee(header, chain, apart, program)),
    ),
    runs(),
  );
});

t.test('property: IDs arrive float and without loss, or the run is refused', async () => {
  /** What hides IDs, and what would destroy them. */
  const hide = [[], [rename({ regex: ['s/crypto|ids/x/gi', 's/[0-9]+([.]|$)/n$1/'] })]];
  const destroy: FilterStep[][] = [
    [convert({ to: 'half' })],
    [convert({ to: 'half', only: ['*'] }), compress({ to: 'b44' })],
    [compress({ to: 'pxr24' })],
    [compress({ to: 'dwaa' })],
  ];
  await fc.assert(
    fc.asyncProperty(
      layouts,
      sketches(),
      fc.constantFrom(...hide),
      fc.constantFrom(...destroy),
      async ({ header }, chain, hidden, destroying) =>
        hold(await idsArriveWhole(header, chain, [...hidden, ...destroying])),
    ),
    runs(),
  );
});
