/** Some inputs for every surface, always the same ones, and those that once were findings. `npm run fuzz` runs more. */
import { existsSync } from 'node:fs';
import t from 'tap';
import { ExrError } from '../../lib/index.js';
import { fixturePath } from '../support.js';
import { filesIn } from './files.js';
import { inputOf, type Surface, tryInput } from './surface.js';
import { loadSurfaces } from './surfaces/index.js';

/** What one surface gets here: a second or so together. */
const inputs = 40;

t.setTimeout(300_000);
const surfaces = await loadSurfaces();

t.test('every surface gives results or errors of ours', async (t) => {
  const outcomes = new Set<string>();
  for (const surface of surfaces) {
    t.ok(surface.seeds.length > 0, `${surface.name} has seeds`);
    for (const [number, { bytes, name }] of surface.seeds.entries())
      if (number < 4) await t.resolves(tryInput(surface, bytes, number), `${surface.name}: ${name} as it is`);
    for (let index = 0; index < inputs; index++) {
      const input = inputOf(surface, 'test', index);
      await t.resolves(
        tryInput(surface, input.bytes, input.seed).then((outcome) => outcomes.add(outcome)),
        `${surface.name} ${index}`,
      );
    }
  }
  t.same([...outcomes].sort(), ['error', 'result'], 'some are refused, some are not');
});

t.test('faults are found, whatever they are wrapped in; errors of ours and results are not', async (t) => {
  const surface = (run: Surface['run']): Surface => ({ name: 'x', seeds: [], run });
  const none = new Uint8Array(0);
  const fault = new TypeError('x is undefined');
  for (const error of [fault, new ExrError('io', 'UNEXPECTED', 'x', { cause: fault }), new Error('x'), 'text'])
    await t.rejects(
      tryInput(
        surface(() => {
          throw error;
        }),
        none,
        0,
      ),
      { name: 'Finding' },
    );
  t.equal(
    await tryInput(
      surface(() => Promise.reject(new ExrError('invalid', 'X', 'x'))),
      none,
      0,
    ),
    'error',
  );
  t.equal(
    await tryInput(
      surface(() => 1),
      none,
      0,
    ),
    'result',
  );
});

t.test('an input is the same each time, and differs from the next', async (t) => {
  for (const surface of surfaces.slice(0, 4)) {
    const [first, again, next] = [7, 7, 8].map((index) => Buffer.from(inputOf(surface, 'test', index).bytes));
    t.ok(first?.equals(again as Buffer) && !first.equals(next as Buffer), surface.name);
  }
});

/** Files called `SURFACE.SEED.what-it-was.bin`. */
t.test('earlier findings stay fixed', async (t) => {
  const folder = fixturePath('fuzz');
  for (const { name, bytes } of existsSync(folder) ? filesIn(folder, '.bin') : []) {
    const [surfaceName, number] = name.split('.');
    const surface = surfaces.find((one) => one.name === surfaceName);
    if (!surface) throw new Error(`no surface for ${name}`);
    await t.resolves(tryInput(surface, bytes, Number(number)), name);
  }
});
