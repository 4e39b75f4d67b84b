import fc from 'fast-check';
import murmur from 'murmurhash3js-revisited';
import t from 'tap';
import { bitsToFloat, nameBits, nameHash } from '../../lib/cryptomatte/hash.js';
import {
  formatManifest,
  isStrictManifest,
  joinManifests,
  possibleNames,
  type ReadManifest,
  readManifest,
  storedManifest,
} from '../../lib/cryptomatte/manifest.js';
import { headerSets } from '../../lib/layers/sets.js';
import { decodeText, encodeText } from '../../lib/model/text.js';
import { fixtureHeader } from './fixtures.js';

function read(text: string) {
  const { names, problems } = readManifest(encodeText(text));
  return { names: [...names], problems: [...problems.keys()], strict: isStrictManifest({ problems }) };
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
  t.ok(isStrictManifest(reading));
});

t.test('any names survive a round trip, and the text is JSON', async (t) => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit: 'binary' }).filter((name) => name.isWellFormed())), (list) => {
      const names = new Map(list.map((name) => [name, nameBits(name)]));
      const bytes = formatManifest(names);
      JSON.parse(decodeText(bytes));
      const reading = readManifest(bytes);
      t.strictSame(new Map(reading.names), names);
      return isStrictManifest(reading);
    }),
  );
});

const chars = (unit: string): fc.Arbitrary<string> => fc.string({ unit: fc.constantFrom(...unit) });

/** Names as scenes have them, and names made of what manifests are made of. */
const anyName = fc.oneof(
  fc.string({ unit: 'binary' }).filter((name) => name.isWellFormed()),
  chars('"\\nu :,{}木'),
  chars('":,0a1\\x'),
  fc.constantFrom(...nasty, 'obj45', 'obj520', 'x":"00000000","y', '\\u6728', 'ends":"1'),
);
const anyNames = fc.uniqueArray(anyName);

/** How programs write names, each with the plain hash as Cycles has it, or the ID. */
const hexOf = (bits: number): string => bits.toString(16).padStart(8, '0');
const entry = (escaped: (name: string) => string, id: (name: string) => number) => (name: string) =>
  `"${escaped(name)}":"${hexOf(id(name))}"`;
const writers = {
  cycles: entry((name) => name, nameHash),
  // std::quoted
  eevee: entry((name) => name.replace(/["\\]/g, '\\$&'), nameHash),
  arnold: entry((name) => name.replace(/["\\/]/g, '\\$&'), nameBits),
  json: (name) => `${JSON.stringify(name)}: "${hex(name)}"`,
  ascii: (name) =>
    `${JSON.stringify(name).replace(/[\u0080-\uffff]/g, (one) => `\\u${hexOf(one.charCodeAt(0)).slice(4)}`)}:"${hex(name)}"`,
  numbers: (name) => `${JSON.stringify(name)}:${nameBits(name)}`,
  signed: (name) => `${JSON.stringify(name)}:${nameBits(name) | 0}`,
  floats: (name) => `${JSON.stringify(name)}:${bitsToFloat(nameBits(name))}`,
  loose: (name) => ` ${JSON.stringify(name)} : " 0X${nameBits(name).toString(16).toUpperCase()} "\n`,
} satisfies Record<string, (name: string) => string>;

/** The bits of names that a reading has, as pixels have them. */
function provedAll(reading: ReadManifest, names: readonly string[]): boolean {
  return names.every((name) => [nameBits(name), nameHash(name)].includes(reading.names.get(name) as number));
}

t.test('whoever wrote them and however, names are read back whole when hashes prove them', async () => {
  for (const write of Object.values(writers))
    fc.assert(
      fc.property(anyNames, (names) => {
        const reading = readManifest(encodeText(`{${names.map(write).join(',')}}`));
        return reading.names.size === names.length && provedAll(reading, names);
      }),
    );
});

t.test('a manifest that ends anywhere keeps every name that came before', async () => {
  for (const write of Object.values(writers))
    fc.assert(
      fc.property(anyNames, fc.nat(), (names, place) => {
        const pieces = names.map(write);
        const whole = `{${pieces.join(',')}`;
        const cut = whole.slice(0, place % (whole.length + 1));
        let end = 1;
        const complete = names.filter((_, index) => {
          end += (pieces[index] as string).length + 1;
          // A number without its comma may have had more digits.
          return end < cut.length;
        });
        return provedAll(readManifest(encodeText(cut)), complete);
      }),
    );
});

t.test('a value that is cut is the hash it begins', async (t) => {
  const b = hex('b');
  t.strictSame(read(`{"a":"${hex('a')}","b":"${b.slice(0, 5)}`), {
    names: [
      ['a', nameBits('a')],
      ['b', nameBits('b')],
    ],
    problems: ['truncated'],
    strict: false,
  });
  t.strictSame(read(`{"x"y":"${hex('x"y')}","b":"${b.slice(0, 2)}`).names, [
    ['x"y', nameBits('x"y')],
    ['b', nameBits('b')],
  ]);
  for (const rest of ['"b":"', '"b":"0', '"b\\', '"b\\u00', '"b', '"']) {
    const reading = read(`{"a":"${hex('a')}",${rest}`);
    t.strictSame(reading.names, [['a', nameBits('a')]], rest);
    t.strictSame(reading.problems, ['truncated'], rest);
  }
});

t.test('the same literal and escaped: the hash decides', async (t) => {
  for (const [raw, name] of [
    ['\\u6728', '\\u6728'],
    ['\\u6728', '木'],
    ['\\\\u6728', '\\u6728'],
    ['\\\\u6728', '\\\\u6728'],
  ] as const)
    for (const more of ['', `,"q"q":"${hex('q"q')}"`])
      t.equal(new Map(read(`{"${raw}":"${hex(name)}"${more}}`).names).get(name), nameBits(name), `${raw} ${name}`);
  const problems = (text: string): readonly string[] => read(text).problems;
  t.strictSame(problems(`{"\\u6728":"${hex('木')}"}`), ['needless-escape']);
  t.strictSame(problems(`{"\\u6728":"${hex('\\u6728')}"}`), ['unescaped']);
  t.strictSame(problems(`{"\\\\u6728":"${hex('\\u6728')}"}`), [], 'an escaped backslash before a u is no escape');
  t.strictSame(problems('{"\\u6728":"00f00001"}'), ['needless-escape'], 'without proof it is JSON');
  t.strictSame(problems(`{"\\u000a\\/":"${hex('\n/')}"}`), []);
});

t.test('a name that only looks escaped is read according to its hash', async (t) => {
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
    t.notOk(isStrictManifest(reading), program);
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
    [`${a}}`, ['a'], 'not-json'],
    [`{${a} ${b}}`, ['a', 'b'], 'not-json'],
    [`{,${a}}`, ['a'], 'not-json'],
    [`{${a},"b":{"c":"${hex('c')}"}}`, ['a', 'c'], 'nested'],
    [`{${a}}{${b}}`, ['a', 'b'], 'trailing-text'],
    [`{${a}}\0\0`, ['a'], 'trailing-text'],
    [`{${a},"b":"123"}`, ['a', 'b'], 'odd-value'],
    [`{${a},"b":null}`, ['a'], 'bad-value'],
    [`{${a},"b":["${hex('b')}"]}`, ['a'], 'bad-value'],
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
  t.strictSame(read('{"a":"00000001","a":"00000001"}'), {
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

/** A raw manifest of names that are bytes. */
const rawBytes = (names: readonly string[]): Uint8Array => encodeText(`{${names.map(writers.cycles).join(',')}}`);

/** A name of these bytes, as {@link decodeText} has them. */
const byteName = (...bytes: number[]): string => decodeText(Uint8Array.from(bytes));

t.test('names that are not UTF-8 are made readable and keep their IDs', async (t) => {
  const shiftJis = byteName(0x83, 0x65, 0x83, 0x58, 0x83, 0x67);
  const kanji = byteName(0x96, 0xd8);
  const latin = byteName(0x42, 0xe4, 0x75, 0x6d, 0x65, 0x92);
  const cut = `木の葉${byteName(0xe6, 0x9c)}`;
  for (const [names, readable, encoding] of [
    [[shiftJis, kanji, 'Hero'], ['テスト', '木', 'Hero'], 'Shift-JIS'],
    [[latin], ['Bäume’'], 'Windows-1252'],
    [[cut, shiftJis], ['木の葉%E6%9C', 'テスト'], 'Shift-JIS'],
    [[byteName(0x61, 0x81)], ['a%81'], 'Windows-1252'],
  ] as const) {
    const reading = readManifest(rawBytes(names));
    t.strictSame(
      [...reading.names],
      names.map((name, index) => [readable[index], nameHash(name)]),
    );
    t.equal(reading.encoding, encoding);
    t.equal(reading.problems.get('not-utf8')?.count, names.filter((name) => !name.isWellFormed()).length);
  }
});

t.test('any bytes as names: every ID stays, the text is JSON, and reading it again finds nothing wrong', async (t) => {
  const bytes = fc.uint8Array({ maxLength: 12 }).map((list) => decodeText(list));
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(bytes, anyName)), (names) => {
      const reading = readManifest(rawBytes(names));
      const ids = new Set(reading.names.values());
      const text = formatManifest(possibleNames(reading).names);
      const parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text)) as Record<string, string>;
      const again = readManifest(text);
      t.strictSame(new Map(again.names), new Map(possibleNames(reading).names));
      return (
        names.every((name) => ids.has(nameHash(name))) &&
        again.problems.size === 0 &&
        names.every((name) => Object.values(parsed).includes(hex(name)))
      );
    }),
  );
});

t.test('names from lists that are not UTF-8 are written as JSON', async (t) => {
  const [one, two] = [byteName(0xe4), byteName(0x61, 0xe4)];
  const text = formatManifest([one, two, 'ä'].map((name) => [name, nameBits(name)]));
  t.strictSame(
    [...readManifest(text).names],
    [
      ['aä', nameBits(two)],
      ['ä', nameBits('ä')],
      [`ä (${hex(one)})`, nameBits(one)],
    ],
  );
});

t.test('one name with several IDs: the one that is its hash keeps the name, no ID is lost', async (t) => {
  const reading = read(`{"a":"00f00001","b":"${hex('b')}","a":"${hex('a')}","a":"00f00001"}`);
  t.strictSame(reading, {
    names: [
      ['a', nameBits('a')],
      ['b', nameBits('b')],
      ['a (00f00001)', 0xf00001],
    ],
    problems: ['several-ids'],
    strict: false,
  });
  t.strictSame(
    read('{"a":"00f00001","a":"00f00002","a (00f00002)":"00f00003","a (00f00002) 2":"00f00002"}').names,
    [
      ['a', 0xf00001],
      ['a (00f00002)', 0xf00003],
      ['a (00f00002) 2', 0xf00002],
    ],
    'a stand-in takes no name that is there',
  );
  const few = fc.constantFrom('a', 'a (00f00001)', 'a (00f00002)', 'a (00f00001) 2', 'b');
  fc.assert(
    fc.property(fc.array(fc.tuple(few, fc.integer({ min: 0xf00001, max: 0xf00003 }))), (list) => {
      const { names } = readManifest(encodeText(`{${list.map(([name, bits]) => `"${name}":"${hexOf(bits)}"`)}}`));
      return list.every(([name, bits]) => names.has(name) && [...names.values()].includes(bits));
    }),
  );
});

t.test('a sidecar that went through the shell of Windows', async (t) => {
  const text = `\ufeff{"木":"${hex('木')}"}`;
  const bytes = Uint8Array.from([...text].flatMap((one) => [one.charCodeAt(0) & 0xff, one.charCodeAt(0) >> 8]));
  const { names, problems } = readManifest(bytes);
  t.strictSame([...names], [['木', nameBits('木')]]);
  t.strictSame([...problems.keys()], ['byte-order-mark']);
});

t.test('IDs become those that pixels can have', async (t) => {
  const possible = (text: string): unknown => {
    const { names, changed, nothing } = possibleNames(readManifest(encodeText(text)));
    return { names: Object.fromEntries([...names].map(([name, bits]) => [name, hexOf(bits)])), changed, nothing };
  };
  t.strictSame(possible('{"(null)":"00000000","torus":"f19c73fd"}'), {
    names: { torus: 'f19c73fd' },
    changed: 0,
    nothing: ['(null)'],
  });
  t.strictSame(possible('{"(null)":"dd7bf393"}'), { names: { '(null)': 'dd7bf393' }, changed: 0, nothing: [] });
  t.strictSame(possible('{"":"00000000","torus":"00000000"}'), {
    names: { '': '00800000', torus: 'f19c73fd' },
    changed: 2,
    nothing: [],
  });
  t.strictSame(possible('{"obj45":"00734d5c","other":"7f812345","odd":"12345678"}'), {
    names: { obj45: '00f34d5c', other: '7f012345', odd: '12345678' },
    changed: 2,
    nothing: [],
  });
  t.strictSame(possible('{"torus":"nonsense"}'), { names: { torus: 'f19c73fd' }, changed: 0, nothing: [] });
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

/** How many characters and bytes are hashed, cut out and parsed in the course of some work. */
function countWork(work: () => void): number {
  let count = 0;
  const { hash32 } = murmur.x86;
  const { slice } = String.prototype;
  const { parse } = JSON;
  murmur.x86.hash32 = (bytes, seed) => {
    count += bytes.length;
    return hash32(bytes, seed);
  };
  String.prototype.slice = function (this: string, ...range) {
    const piece = slice.apply(this, range);
    count += piece.length;
    return piece;
  };
  JSON.parse = (text: string) => {
    count += text.length;
    return parse(text);
  };
  try {
    work();
  } finally {
    murmur.x86.hash32 = hash32;
    String.prototype.slice = slice;
    JSON.parse = parse;
  }
  return count;
}

t.test('a hundred thousand names in ten megabytes are read with work in proportion', async (t) => {
  const names = Array.from({ length: 100_000 }, (_, index) => `/scene/forest/tree_"${index}"/${'leaf_'.repeat(16)}`);
  for (const write of ['cycles', 'json'] as const) {
    const bytes = encodeText(`{${names.map(writers[write]).join(',')}}`);
    t.ok(bytes.length > 10_000_000, `${bytes.length} bytes`);
    const work = countWork(() => t.equal(readManifest(bytes).names.size, 100_000));
    t.ok(
      work > bytes.length && work < 6 * bytes.length,
      `${write}: ${(work / bytes.length).toFixed(1)} times the text`,
    );
  }
});

t.test('no text takes more work than in proportion to its length', async (t) => {
  const pieces = [
    '"',
    '":"',
    '":"0000000',
    '{"a',
    '\\"',
    '":"12345678"',
    ',,,,,   ',
    '"a":"00f00001",',
    '"a":"1",',
    '{"a":',
    '}{',
    '"a":[',
    '"\udc81":"00f00001",',
  ];
  for (const piece of pieces)
    for (const close of ['', '}']) {
      const bytes = encodeText(`{${piece.repeat(20_000)}${close}`);
      const work = countWork(() => readManifest(bytes));
      t.ok(work < 40 * bytes.length, `${piece}: ${(work / bytes.length).toFixed(1)} times the text`);
    }
});

t.test('a large manifest like that of an earlier frame is not read again', async (t) => {
  const text = (last: string) =>
    formatManifest(
      [...Array.from({ length: 4000 }, (_, i) => `object_${i}`), last].map((name) => [name, nameBits(name)]),
    );
  const [first, again, other] = [text('tree'), text('tree'), text('bush')];
  const reading = storedManifest(first);
  t.equal(storedManifest(again), reading);
  t.ok(storedManifest(other).names.has('bush'));
  t.equal(storedManifest(text('tree')), reading, 'several Cryptomattes of a frame');
  const huge = Array.from({ length: 4 }, (_, i) => new Uint8Array(12 << 20).fill(48 + i));
  const readings = huge.map(storedManifest);
  t.not(storedManifest(text('tree')), reading, 'only so much is kept');
  t.equal(storedManifest((huge[3] as Uint8Array).slice()), readings[3]);
  t.not(storedManifest((huge[0] as Uint8Array).slice()), readings[0]);
});
