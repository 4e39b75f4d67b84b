import fc from 'fast-check';
import t from 'tap';
import { nameBits, nameHash } from '../../lib/cryptomatte/hash.js';
import { formatManifest, isStrict, joinManifests, readManifest } from '../../lib/cryptomatte/manifest.js';
import { headerSets } from '../../lib/layers/sets.js';
import { decodeText, encodeText } from '../../lib/model/text.js';
import { fixtureHeader } from './fixtures.js';

function read(text: string) {
  const { names, problems } = readManifest(encodeText(text));
  return { names: [...names], problems: [...problems.keys()], strict: isStrict({ problems }) };
}

const hex = (name: string): string => nameBits(name).toString(16).padStart(8, '0');

/** What Cycles writes: names as they are. */
const unescaped = (names: readonly string[]): string =>
  `{${names.map((name) => `"${name}":"${hex(name)}"`).join(',')}}`;

const nasty = [
  '__proto__',
  'constructor',
  'Quote"d "Thing"',
  'Back\\slash',
  'new\nline',
  'tab\tname',
  'a,b',
  '🌲 pine',
  'Ünïcödé ñame',
  'a_very_long_object_name_that_goes_on_and_on_until_blender_cuts_',
  '',
  ' ',
  '{}',
  '":"12345678","',
  '\\',
  '\\n',
  '\\u0041',
  'ends with \\',
  '/a/b',
  '\u007f',
  '\u2028',
];

t.test('hostile names survive a round trip', async (t) => {
  const names = new Map(nasty.map((name) => [name, nameBits(name)]));
  const reading = readManifest(formatManifest(names));
  t.strictSame(new Map(reading.names), names);
  t.ok(isStrict(reading));
});

t.test('any names survive a round trip, and the text is JSON', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }).filter((name) => name.isWellFormed())), (list) => {
      const names = new Map(list.map((name) => [name, nameBits(name)]));
      const bytes = formatManifest(names);
      JSON.parse(decodeText(bytes));
      const reading = readManifest(bytes);
      t.strictSame(new Map(reading.names), names);
      return isStrict(reading);
    }),
  );
});

t.test('unescaped names are found again by their hashes', async (t) => {
  const wanted = nasty.map((name) => [name, nameBits(name)]);
  const reading = read(unescaped(nasty));
  t.strictSame(reading.names, wanted);
  t.notOk(reading.strict);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: fc.constantFrom('"', '\\', 'n', 'u', ' ', ':', ',', '{', '}', '木') })),
      (list) => {
        const names = readManifest(encodeText(unescaped(list))).names;
        return list.every((name) => names.get(name) === nameBits(name));
      },
    ),
  );
});

t.test('a name that only looks escaped is read as its hash says', async (t) => {
  // Valid JSON, but it would name a newline.
  t.strictSame(read(unescaped(['Back\\new'])).names, [['Back\\new', nameBits('Back\\new')]]);
});

t.test('the real manifests of Cycles and EEVEE with hostile names can be read', async (t) => {
  const wanted = ['Quote"d "Thing"', 'Back\\slash', 'tab\tname', 'new\nline', "it's"];
  for (const program of ['cycles_unescaped', 'eevee_escaped']) {
    const sets = headerSets(fixtureHeader(`blender/headers/panel_nasty_${program}.header`));
    const manifest = sets.find(({ name }) => name === 'FG elements.CryptoObject')?.manifest ?? new Uint8Array();
    const reading = readManifest(manifest);
    for (const name of wanted) t.equal(reading.names.get(name), nameBits(name), `${program}: ${name}`);
    t.notOk(isStrict(reading), program);
  }
});

t.test('damaged texts are read as far as they go', async (t) => {
  const a = `"a":"${hex('a')}"`;
  const b = `"b":"${hex('b')}"`;
  const cases: readonly (readonly [string, readonly string[], string])[] = [
    [`{${a},${b},`, ['a', 'b'], 'truncated'],
    [`{${a},${b},}`, ['a', 'b'], 'trailing-comma'],
    [`{${a},"b":"12`, ['a'], 'truncated'],
    [`{${a},"b"`, ['a'], 'truncated'],
    [`\ufeff{${a}}`, ['a'], 'byte-order-mark'],
    ['}', [], 'empty-text'],
    ['', [], 'empty-text'],
    ['[]', [], 'unreadable'],
    ['not a manifest', [], 'unreadable'],
    [`{${a},"b":"123"}`, ['a'], 'bad-value'],
    [`{${a},"b":"1234567g"}`, ['a'], 'bad-value'],
    [`{${a},"c\nd":"${hex('c\nd')}"}`, ['a', 'c\nd'], 'control-character'],
  ];
  for (const [text, names, problem] of cases) {
    const reading = read(text);
    t.strictSame(
      reading.names.map(([name]) => name),
      names,
      text,
    );
    t.strictSame(reading.problems, [problem], text);
    t.notOk(reading.strict, text);
  }
});

t.test('harmless oddities are reported and stay strict', async (t) => {
  t.strictSame(read('{"a":"0000000A"}'), { names: [['a', 10]], problems: ['upper-case'], strict: true });
  t.strictSame(read('{"a":"00000001","a":"00000002"}'), {
    names: [['a', 1]],
    problems: ['duplicate-name'],
    strict: true,
  });
  t.strictSame(read(' { "a" : "00000001" , "b":"00000002" } \n'), {
    names: [
      ['a', 1],
      ['b', 2],
    ],
    problems: [],
    strict: true,
  });
  t.strictSame(read('{}'), { names: [], problems: [], strict: true });
});

t.test('bytes that are no UTF-8 are kept and reported', async (t) => {
  const bytes = Uint8Array.from([...encodeText('{"'), 0xff, ...encodeText('":"00000001"}')]);
  const reading = readManifest(bytes);
  t.strictSame([...reading.names], [['\udcff', 1]]);
  t.ok(reading.problems.has('not-utf8'));
  t.strictSame(formatManifest(reading.names), bytes);
});

t.test('any bytes are read without an error', async () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.string({ unit: fc.constantFrom('"', ':', ',', '{', '}', 'a', '0', '\\') }),
      (bytes, text) => {
        readManifest(bytes);
        readManifest(encodeText(text));
      },
    ),
  );
});

t.test('joining keeps all names and refuses two IDs for one', async (t) => {
  const joined = joinManifests([
    new Map([
      ['a', 1],
      ['b', 2],
    ]),
    new Map([
      ['b', 2],
      ['c', 3],
    ]),
  ]);
  t.strictSame(
    [...joined],
    [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ],
  );
  t.throws(() => joinManifests([new Map([['a', 1]]), new Map([['a', 2]])]), { code: 'MANIFEST_CONFLICT' });
});

t.test('a hundred thousand names in ten megabytes are read and written promptly', async (t) => {
  const names = new Map(
    Array.from({ length: 100_000 }, (_, index): [string, number] => {
      const name = `/scene/forest/tree_"${index}"/${'leaf_'.repeat(16)}`;
      return [name, nameHash(name)];
    }),
  );
  for (const write of [formatManifest, (list: typeof names) => encodeText(unescaped([...list.keys()]))]) {
    const begin = performance.now();
    const bytes = write(names);
    t.ok(bytes.length > 10_000_000, `${bytes.length} bytes`);
    t.equal(readManifest(bytes).names.size, 100_000);
    t.ok(performance.now() - begin < 4000, `took ${Math.round(performance.now() - begin)} ms`);
  }
});

t.test('text without end marks does not take quadratic time', async (t) => {
  const begin = performance.now();
  for (const piece of ['"', '":"', '":"0000000', '{"a', '\\"', '":"12345678"', ',,,,,   ']) {
    readManifest(encodeText(`{${piece.repeat(200_000)}`));
  }
  t.ok(performance.now() - begin < 8000, `took ${Math.round(performance.now() - begin)} ms`);
});
