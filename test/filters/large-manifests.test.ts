/** What headers with very many names cost, counted and not timed: how often a manifest is read, and that no size is too much. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { type Crowd, crowdName, crowdNames, writeCrowd } from '../../bench/harness/crowd.js';
import {
  compress,
  convert,
  copyAttributes,
  drop,
  dropAttribute,
  matte,
  merge,
  pick,
  rename,
  repair,
  setAttribute,
  split,
} from '../../filters/index.js';
import { formatManifest, nameBits, readManifest, validateHeader } from '../../lib/cryptomatte/index.js';
import { describeHeader, type FilterStep, openExr, runFrame } from '../../lib/index.js';
import { makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { temporaryFolder } from '../support.js';
import { failure } from './support.js';

const crowd: Crowd = { names: 2000, inView: 4, width: 32, height: 8 };
const manifestBytes = formatManifest(crowdNames(crowd, 1)).length;

/** How many texts as long as the manifest are decoded while something is done: a manifest that is read is decoded first. */
async function readings(action: () => unknown): Promise<number> {
  const { decode } = TextDecoder.prototype;
  let count = 0;
  TextDecoder.prototype.decode = function (input, ...rest) {
    if (input && input.byteLength >= manifestBytes / 2) count += 1;
    return decode.call(this, input, ...rest);
  };
  try {
    await action();
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  return count;
}

let frames = 0;

/** A frame whose manifest no other has: one that is the same as that of an earlier frame is not read again. */
async function freshFrame(folder: string): Promise<string> {
  frames += 1;
  const own = join(folder, `${frames}`);
  await mkdir(own);
  const [path = ''] = await writeCrowd({ ...crowd, names: crowd.names + frames }, [1], own);
  return path;
}

t.test('a step that does not concern the names reads no manifest', async (t) => {
  const folder = await temporaryFolder(t);
  const [first = '', second = ''] = await writeCrowd(crowd, [1, 2], folder);
  const output = join(folder, 'out.exr');
  const donor = join(folder, 'donor.exr');
  await runFrame([second], [setAttribute({ attributes: ['owner=x'] })], donor);
  const steps: readonly (readonly [string, readonly string[], FilterStep, string?])[] = [
    ['set-attribute', [first], setAttribute({ attributes: ['owner=x'] })],
    ['drop-attribute', [first], dropAttribute({ attributes: ['screenWindow*', 'x*'] })],
    ['copy-attributes', [first], copyAttributes({ from: donor, only: ['owner'] })],
    ['rename of colour', [first], rename({ map: ['R=Beauty.R', 'G=Beauty.G', 'B=Beauty.B', 'A=Beauty.A'] })],
    ['rename of the Cryptomatte', [first], rename({ map: ['CryptoObject*=Chars.CryptoObject*'] })],
    ['compress', [first], compress({ to: 'zips' })],
    ['convert', [first], convert({ to: 'half' })],
    ['pick', [first], pick({ layer: ['CryptoObject*'] })],
    ['drop', [first], drop({ channel: ['R'] })],
    ['split', [first], split({ by: 'layer' }), join(folder, 'split.{layer}.exr')],
    ['merge as parts', [first, second], merge({ as: 'parts', name: '{stem}{part}' })],
  ];
  for (const [what, inputs, step, to = output] of steps)
    t.equal(await readings(() => runFrame(inputs, [step], to)), 0, what);
});

t.test('one that does reads it once', async (t) => {
  const folder = await temporaryFolder(t);
  const output = join(folder, 'out.exr');
  const steps: readonly (readonly [string, readonly FilterStep[]])[] = [
    ['repair', [repair({})]],
    ['repair twice', [repair({}), repair({})]],
    ['matte', [matte({ name: [crowdName(3)] })]],
    ['matte of all', [matte({ name: ['*'] })]],
    ['mattes', [matte({ name: [crowdName(3)], as: 'a' }), matte({ name: [crowdName(980)], as: 'b' })]],
    ['repair into a sidecar', [repair({ sidecarOut: '{stem}.{layer}.json' })]],
  ];
  for (const [what, chain] of steps) {
    const frame = await freshFrame(folder);
    t.equal(await readings(() => runFrame([frame], chain, output)), 1, what);
    t.equal(await readings(() => runFrame([frame], chain, output)), 0, `${what}: the next frame has the same`);
  }
});

t.test('info and validate read it once', async (t) => {
  const folder = await temporaryFolder(t);
  for (const [what, look] of [
    ['info', describeHeader],
    ['validate', validateHeader],
  ] as const) {
    const { header, source } = await openExr(await freshFrame(folder));
    await source.close();
    t.equal(await readings(() => look(header)), 1, what);
  }
});

t.test('names by the hundred thousand are never handed over one argument each', async (t) => {
  const names = Array.from({ length: 200_000 }, (_, number) => [`n${number}`, nameBits(`n${number}`)] as const);
  const text = new TextDecoder().decode(formatManifest(names));
  t.equal(readManifest(new TextEncoder().encode(text)).names.size, names.length);
  const channels = [...'rgba'].map((component) => ({ name: `Crypto00.${component}` }));
  const header = makeHeader(makePart(channels, setStrings('1234567', 'Crypto', text)));
  const error = await failure(matte({ name: ['nobody'] }), header);
  t.equal(error.code, 'NO_SUCH_NAME');
  t.match(error.hint, /and 199995 more/);
  t.same(
    validateHeader(header).filter(({ rule }) => /^CM-B0[234]/.test(rule)),
    [],
  );
});
