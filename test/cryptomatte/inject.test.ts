import t from 'tap';
import { bitsToFloat, nameBits, nameHash } from '../../lib/cryptomatte/hash.js';
import { pxr24Bits, type SampleReader } from '../../lib/cryptomatte/ids.js';
import { injectNames, nameSource } from '../../lib/cryptomatte/inject.js';
import { injectTargets } from '../../lib/cryptomatte/inject-targets.js';
import { type Manifest, readManifest } from '../../lib/cryptomatte/manifest.js';
import { rehashSets } from '../../lib/cryptomatte/rehash.js';
import { headerSets } from '../../lib/layers/sets.js';
import type { Header } from '../../lib/model/header.js';
import { encodeText } from '../../lib/model/text.js';
import { channels, withManifest } from './breakers.js';
import { makeHeader, makePart, single } from './fixtures.js';

/** A line of pixels, each covered by one ID. */
function pixels(...ids: readonly number[]): SampleReader {
  return async function* (_, wanted) {
    yield {
      region: { x: 0, y: 0, width: ids.length, height: 1 },
      samples: wanted.map((name) => {
        const slot = 'rgba'.indexOf(name.slice(-1));
        return new Float32Array(ids.map((bits) => (slot === 0 ? bitsToFloat(bits) : slot === 1 ? 1 : 0)));
      }),
    };
  };
}

function reporter(): { codes: string[]; warn: (code: string) => void; note: (code: string) => void } {
  const codes: string[] = [];
  return { codes, warn: (code) => void codes.push(code), note: (code) => void codes.push(code) };
}

const namesOf = (header: Header): Manifest =>
  readManifest(single(headerSets(header)).manifest ?? new Uint8Array()).names;

const hex = (bits: number): string => bits.toString(16).padStart(8, '0');
const entry = (name: string, bits = nameBits(name)): string => `"${name}":"${hex(bits)}"`;
const [hero, prop, other] = [nameBits('Hero'), nameBits('Prop'), 0x12345678];

t.test('--rehash: the pixels decide for each name', async (t) => {
  const rehash = async (text: string, ...ids: number[]) => {
    const report = reporter();
    const header = await rehashSets(withManifest(text), report, pixels(...ids));
    return { names: Object.fromEntries(namesOf(header)), codes: report.codes };
  };
  t.strictSame(
    await rehash(`{${entry('Hero', other)},${entry('Prop')}}`, hero, prop),
    { names: { Hero: hero, Prop: prop }, codes: ['REHASHED'] },
    'the ID was wrong',
  );
  t.strictSame(
    await rehash(`{${entry('Hero', other)},${entry('Prop')}}`, other, prop),
    { names: { Hero: other, Prop: prop }, codes: ['NOT_REHASHED'] },
    'the ID is one of another spelling',
  );
  t.strictSame(
    await rehash(`{${entry('Hero', other)},${entry('Prop', other + 1)},${entry('Sky', 1 + hero)}}`, other, hero + 2),
    { names: { Hero: other, Prop: other + 1, Sky: 1 + hero }, codes: ['NOT_REHASHED'] },
    'names that are out of the frame go with those in it',
  );
  t.strictSame(
    await rehash(`{${entry('Hero', prop)},${entry('Prop', hero)}}`, hero, prop),
    { names: { Hero: hero, Prop: prop }, codes: ['REHASHED'] },
    'two IDs were swapped',
  );
  t.strictSame(await rehash(`{${entry('Hero')}}`, hero), { names: { Hero: hero }, codes: [] });
  t.strictSame(
    await rehash(`{${entry('Hero', other)},${entry('Prop')}}`, pxr24Bits(hero), pxr24Bits(prop)),
    { names: { Hero: hero, Prop: prop }, codes: ['REHASHED'] },
    'IDs that PXR24 rounded',
  );
});

const lost = makeHeader(makePart(channels));

/** What a donor's manifest gives to pixels. */
async function injectInto(
  target: Header,
  text: string,
  ...ids: number[]
): Promise<{ header: Header; codes: string[] }> {
  const report = reporter();
  const source = nameSource('CryptoObject', 'donor', encodeText(text), false);
  const header = await injectNames(target, injectTargets(target, true), [source], report, { samples: pixels(...ids) });
  return { header, codes: report.codes };
}

const inject = (text: string, ...ids: number[]) => injectInto(lost, text, ...ids);

t.test('names that the donor lacks stay where the pixels have them', async (t) => {
  const target = withManifest(`{${entry('Hero')},${entry('Gone')},${entry('Old', prop)}}`);
  const { header, codes } = await injectInto(target, `{${entry('Prop')}}`, hero, prop);
  t.strictSame(codes, ['INJECTED']);
  t.strictSame(
    [...namesOf(header)],
    [
      ['Hero', hero],
      ['Prop', prop],
    ],
  );
  await t.rejects(injectInto(target, `{${entry('Stranger')}}`, hero, prop), { code: 'NOTHING_NAMED' });
});

t.test('a donor whose IDs no pixel has, as Cycles writes them', async (t) => {
  const { header, codes } = await inject(
    `{${entry('obj45', nameHash('obj45'))},"(null)":"00000000"}`,
    nameBits('obj45'),
  );
  t.strictSame(codes, ['INJECTED']);
  t.strictSame([...namesOf(header)], [['obj45', nameBits('obj45')]]);
});

t.test('a donor of Cycles names what EEVEE rendered, which cuts long names', async (t) => {
  const long = `${'name_'.repeat(12)}1234`;
  const cut = long.slice(0, 62);
  const { header, codes } = await inject(`{${entry(long)},${entry('Hero')}}`, nameBits(cut), hero);
  t.strictSame(codes, ['INJECTED']);
  t.equal(namesOf(header).get(cut), nameBits(cut));
  t.equal(namesOf(header).get(long), nameBits(long), 'the donor is not changed');
  const cycles = await inject(`{${entry(long)},${entry('Hero')}}`, nameBits(long), hero);
  t.notOk(namesOf(cycles.header).has(cut), 'no name is added that the pixels do not have');
});
