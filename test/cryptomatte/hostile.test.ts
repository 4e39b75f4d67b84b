/** Headers that no renderer writes: nothing may hang or end in anything but a clear error. */
import fc from 'fast-check';
import t from 'tap';
import { carrySets } from '../../lib/cryptomatte/carry.js';
import { findPreset, presets } from '../../lib/cryptomatte/presets/preset.js';
import { presetRenaming } from '../../lib/cryptomatte/presets/renaming.js';
import { repairHeader } from '../../lib/cryptomatte/repair.js';
import { refuseDestroyed } from '../../lib/cryptomatte/restore.js';
import { validateHeader } from '../../lib/cryptomatte/validate.js';
import { rankChannels } from '../../lib/layers/guard.js';
import { placesOf, viewLayersOf } from '../../lib/layers/place.js';
import { fullName } from '../../lib/layers/respell.js';
import { programs } from '../../lib/layers/seen-by/program.js';
import { headerSets } from '../../lib/layers/sets.js';
import { Attributes } from '../../lib/model/attributes.js';
import { isExrError } from '../../lib/model/error.js';
import type { Header, PixelType } from '../../lib/model/header.js';
import { layer, makeHeader, makePart } from './fixtures.js';

const report = { warn: () => {}, note: () => {} };

const names = fc.constantFrom(
  'ids',
  'CryptoObject',
  'a.CryptoObject',
  'a_CryptoObject',
  'A.cryptoobject',
  '',
  '.',
  '..',
  '木',
  '\udcff',
  'ids0',
  '__proto__',
);
const keys = fc.constantFrom('1234567', '0', 'ABC', '12345678', '__proto__', '');
const prefixes = fc.constantFrom(
  'cryptomatte/',
  'nuke/cryptomatte/',
  'exr/cryptomatte/',
  'Cryptomatte/',
  'nuke/exr/cryptomatte/',
);
const fields = fc.constantFrom('name', 'hash', 'conversion', 'manifest', 'manif_file', 'other', 'a/b', '__proto__', '');
const values = fc.oneof(
  names,
  fc.constantFrom(
    'MurmurHash3_32',
    'uint32_to_float32',
    'murmurhash3_32',
    '{}',
    '}',
    '{"a":"00000001"}',
    '{"a"b":"12345678"}',
    '../x.json',
    '{"a":',
  ),
  fc.string(),
);
const attribute = fc.record({
  name: fc.tuple(prefixes, keys, fields).map(([prefix, key, field]) => `${prefix}${key}/${field}`),
  type: fc.constantFrom('string', 'string', 'string', 'stringvector', 'int', 'box2i'),
  value: values.map((text) => new TextEncoder().encode(text)),
});
const channels = fc
  .uniqueArray(
    fc.tuple(
      names,
      fc.constantFrom('', '00', '01', '02', '99', '.left'),
      fc.constantFrom('r', 'g', 'b', 'a', 'R', 'red', 'Z', ''),
    ),
    {
      selector: ([name, digits, component]) => `${name}${digits}.${component}`,
      minLength: 1,
      maxLength: 24,
    },
  )
  .map((list) => list.map(([name, digits, component]) => ({ name: `${name}${digits}.${component}` })));
const part = fc.record({
  channels,
  attributes: fc.array(attribute, { maxLength: 16 }),
  type: fc.constantFrom<PixelType>('float', 'half', 'uint'),
  name: fc.constantFrom(undefined, 'a', 'a.CryptoObject', ''),
  compression: fc.constantFrom('zip', 'pxr24', 'dwaa'),
});
const header = fc.array(part, { minLength: 1, maxLength: 3 }).map(
  (parts): Header =>
    makeHeader(
      ...parts.map(({ channels, attributes, type, name, compression }, number) => ({
        ...makePart(
          channels.map((channel) => ({ ...channel, type })),
          {},
          { number, name, compression: compression as 'zip' },
        ),
        attributes: new Attributes(attributes.map(({ name, type, value }) => [name, { type, value }])),
      })),
    ),
);

/** Runs something that may only fail with an error of ours. */
function safely(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isExrError(error)) throw error;
  }
}

t.test('any header can be looked at', async () => {
  fc.assert(
    fc.property(header, (one) => {
      for (const set of headerSets(one)) for (const number of set.parts) if (!one.parts[number]) return false;
      rankChannels(one);
      viewLayersOf(one);
      for (const target of [undefined, ...programs]) validateHeader(one, { targets: target ? [target] : [] });
      safely(() => refuseDestroyed(one));
      return true;
    }),
  );
});

t.test('metadata that is carried to the same channels stays what it is', async (t) => {
  fc.assert(
    fc.property(header, (one) => {
      const after = carrySets(one, one, report);
      const known = (which: Header) =>
        headerSets(which)
          .filter(({ layers }) => layers.length > 0)
          .map(({ name, key }) => `${key} ${name}`);
      t.strictSame(known(after), known(one));
    }),
    { numRuns: 50 },
  );
});

t.test('repairing any header ends, and repairing again changes nothing', async (t) => {
  fc.assert(
    fc.property(header, (one) => {
      safely(() => {
        const once = repairHeader(one, report);
        const twice = repairHeader(once, report);
        t.strictSame(
          twice.parts.map(({ attributes }) => [...attributes]),
          once.parts.map(({ attributes }) => [...attributes]),
        );
      });
    }),
    { numRuns: 200 },
  );
});

t.test('presets rename any header without an error, one name for each channel', async () => {
  fc.assert(
    fc.property(header, fc.constantFrom(...presets.map(({ name }) => name)), (one, preset) => {
      const renaming = presetRenaming(one, findPreset(preset));
      for (const [number, part] of one.parts.entries()) {
        renaming.attributes(part.attributes, number === 0);
        if (part.name !== undefined) renaming.part(part.name, part);
      }
      return [...placesOf(one).values()].every((place) => typeof renaming.channel(fullName(place), place) === 'string');
    }),
  );
});

t.test('very many sets take no more than their share of work', async (t) => {
  const work = [5000, 20_000].map((count) => {
    const strings = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`cryptomatte/${index}/name`, index % 3 ? `x${index}.ids` : 'ids']),
    );
    let reads = 0;
    const parts = Array.from({ length: count / 100 }, (_, number) =>
      makePart(layer('ids00', 'rgba'), number === 0 ? strings : {}, { number, name: String(number) }),
    ).map((part) => ({
      ...part,
      channels: part.channels.map((channel) => ({
        ...channel,
        get name() {
          reads += 1;
          return channel.name;
        },
      })),
    }));
    const one = makeHeader(...parts);
    validateHeader(one);
    carrySets(one, one, report, { beside: true });
    t.throws(() => repairHeader(one, report), { code: 'TOO_MANY_SETS' });
    return reads;
  }) as [number, number];
  t.ok(work[1] <= 4.2 * work[0], `${work[0]} and ${work[1]} names read`);
});
