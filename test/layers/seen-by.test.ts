/** What programs see in a header, against what they have really seen. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { parseHeader } from '../../lib/format/header-parser.js';
import type { Channel, Header } from '../../lib/index.js';
import { type Program, programs } from '../../lib/layers/seen-by/program.js';
import { type Sighting, seenBy, seenChannels, works } from '../../lib/layers/seen-by/seen-by.js';
import { Attributes } from '../../lib/model/attributes.js';
import type { Box, PixelType } from '../../lib/model/header.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { fixturePath } from '../support.js';

interface Verdict {
  readonly blender: Readonly<Record<string, boolean>>;
  readonly nuke?: boolean;
  readonly fusion?: boolean;
}

interface Answer {
  readonly offered: readonly string[];
  readonly sets: Readonly<Record<string, readonly (number | string)[]>>;
}

interface Probe {
  readonly probe: string;
  readonly parts: readonly {
    readonly name?: string;
    readonly channels: readonly (readonly [name: string, holds: string, type?: PixelType])[];
    readonly attributes?: Readonly<Record<string, string | readonly [type: string, base64: string]>>;
    readonly dataWindow?: Box;
  }[];
  readonly blender: Readonly<Partial<Record<'both' | '5.3' | '4.5', Answer>>>;
}

function text(name: string): string {
  return readFileSync(fixturePath(`seen-by/${name}`), 'utf8');
}

const verdicts = JSON.parse(text('verdicts.json')) as Readonly<Record<string, Verdict>>;
const probes = text('probes.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Probe);

t.test('real files: Blender 5.3, and the plug-ins of Nuke and Fusion', async (t) => {
  for (const [file, { blender, nuke, fusion }] of Object.entries(verdicts)) {
    const { header } = parseHeader(readFileSync(fixturePath(`seen-by/${file}.header`)));
    const seen = seenBy(header, 'blender');
    t.same(
      Object.fromEntries(seen.flatMap((one) => (String(one.set.name) in blender ? [[one.set.name, works(one)]] : []))),
      blender,
      `Blender, ${file}`,
    );
    const all = (program: Program) => seenBy(header, program).every(works);
    if (nuke !== undefined) t.equal(all('nuke'), nuke, `Nuke, ${file}`);
    if (fusion !== undefined) t.equal(all('fusion'), fusion, `Fusion, ${file}`);
  }
});

/** Blender's answer is better than what is foretold, and why that does not count. */
const luck: Readonly<Record<string, string>> = {
  long_pass_one: 'the cut name of a single rank is like no other',
  foreign_in_other_layer: 'the foreign ranks hold what the own ones hold',
};

/** The probe's header, and what its channels hold. */
function probeHeader({ parts }: Probe): { readonly header: Header; readonly holds: ReadonlyMap<Channel, string> } {
  const header = makeHeader(
    ...parts.map(({ name, channels, attributes = {}, dataWindow }, number) =>
      makePart(
        channels.map(([channel, , type = 'float']) => ({ name: channel, type })),
        {},
        {
          number,
          name,
          ...(dataWindow && { dataWindow }),
          attributes: new Attributes(
            Object.entries(attributes).map(([key, value]) =>
              typeof value === 'string'
                ? [key, { type: 'string', value: new TextEncoder().encode(value) }]
                : [key, { type: value[0], value: new Uint8Array(Buffer.from(value[1], 'base64')) }],
            ),
          ),
        },
      ),
    ),
  );
  const holds = new Map(
    header.parts.flatMap((part, number) =>
      part.channels.map((channel) => {
        const [, content = ''] = parts[number]?.channels.find(([name]) => name === channel.name) ?? [];
        return [channel, content] as const;
      }),
    ),
  );
  return { header, holds };
}

/** The mattes of names 0 to 5 that these ranks give, as multiples of their coverages. */
function mattes({ ranks }: Sighting, holds: ReadonlyMap<Channel, string>): number[] {
  const sums = [0, 0, 0, 0, 0, 0];
  for (const [r, g, b, a] of ranks)
    for (const [id, coverage] of [
      [r, g],
      [b, a],
    ]) {
      const [name, share] = [id, coverage].map((channel) => (channel ? holds.get(channel) : undefined) ?? '');
      const index = Number(name?.slice(1));
      if (name?.startsWith('i') && share?.startsWith('c'))
        sums[index] = (sums[index] ?? 0) + 2 ** (index - Number(share.slice(1)));
    }
  return sums;
}

t.test('probes: Blender 5.3 and 4.5 list and read what is foretold', async (t) => {
  for (const probe of probes) {
    const { header, holds } = probeHeader(probe);
    const seen = new Map(seenBy(header, 'blender').map((one) => [one.set.name ?? '', one]));
    for (const [version, answer] of Object.entries(probe.blender))
      for (const [name, values] of Object.entries(answer.sets)) {
        const where = `${probe.probe}, Blender ${version}, "${name.slice(0, 20)}"`;
        const one = seen.get(name);
        if (!one) {
          t.fail(`${where}: no sighting`);
          continue;
        }
        t.equal(one.offered, answer.offered.includes(name), `${where}: listed`);
        const right = JSON.stringify(mattes(one, holds)) === JSON.stringify(values);
        if (works(one)) t.ok(right, `${where}: the mattes of the ranks`);
        else if (one.problem?.code === 'repeated-ranks' || one.problem?.code === 'foreign-ranks')
          t.ok(right, `${where}: wrong mattes of the ranks`);
        else if (!(probe.probe in luck) && !(version === '4.5' && one.problem?.code === 'colour-space'))
          t.notSame(values, [1, 1, 1, 1, 0, 0], `${where}: ${one.problem?.code}`);
      }
  }
});

t.test('the probes fail for every reason that Blender has', async (t) => {
  const codes = new Set(
    probes.flatMap((probe) =>
      seenBy(probeHeader(probe).header, 'blender').flatMap(({ problem }) => problem?.code ?? []),
    ),
  );
  for (const code of [
    'colour-space',
    'foreign-ranks',
    'long-name',
    'no-layers',
    'no-manifest',
    'not-float',
    'other-name',
    'other-part',
    'other-prefix',
    'rank-channels',
    'repeated-ranks',
    'unequal-windows',
  ])
    t.ok(codes.has(code as never), code);
});

function onlySighting(header: Header, program: Program): Sighting {
  const [one, ...others] = seenBy(header, program);
  if (!one || others.length > 0) throw new Error('expected one Cryptomatte');
  return one;
}

function code(header: Header, program: Program): string | undefined {
  return onlySighting(header, program).problem?.code;
}

function rankNames({ ranks }: Sighting): string[][] {
  return ranks.map((rank) => rank.map(({ name }) => name));
}

const manifest = '{"Hero":"d3fcd9ab"}';
const ids = setStrings('3ae39a5', 'CryptoObject', manifest);
const twoRanks = [...layer('CryptoObject00', 'rgba'), ...layer('CryptoObject01', 'rgba')];

t.test('a sound Cryptomatte works everywhere', async (t) => {
  const header = makeHeader(makePart(twoRanks, ids));
  for (const program of programs) {
    const one = onlySighting(header, program);
    t.ok(works(one), program);
    t.same(rankNames(one), [
      ['CryptoObject00.r', 'CryptoObject00.g', 'CryptoObject00.b', 'CryptoObject00.a'],
      ['CryptoObject01.r', 'CryptoObject01.g', 'CryptoObject01.b', 'CryptoObject01.a'],
    ]);
    t.same(one.notes, []);
  }
});

t.test('Blender before 4.5', async (t) => {
  const header = fixtureHeader('seen-by/root_rgba_plus_layer.header');
  t.ok(
    seenBy(header, 'blender3').every(({ problem }) => problem?.code === 'hidden-layer'),
    'colour without a layer hides what is in layers',
  );
  t.ok(seenBy(header, 'blender').every(works), '5.3 reads it');
  const parts = fixtureHeader('cases/01_nuke_parts.exr');
  t.notOk(works(onlySighting(parts, 'blender3')), 'names of parts are no layers');
  t.ok(works(onlySighting(parts, 'blender')));
  const preview = makeHeader(makePart([...twoRanks, ...layer('CryptoObject', 'RGBA', 'half')], ids));
  t.equal(code(preview, 'blender3'), 'foreign-ranks', 'a preview is taken for a rank');
  t.ok(works(onlySighting(preview, 'blender')));
});

t.test('Blender reads no pass where one has more channels than it has room for', async (t) => {
  const long = `${'a'.repeat(63)}_Crypto`;
  const many = (count: number) => Array.from({ length: count }, (_, i) => layer(`${long}${i}`, 'rgba')).flat();
  const header = (count: number) => makeHeader(makePart([...twoRanks, ...many(count)], ids));
  t.ok(works(onlySighting(header(6), 'blender')), '24 channels that fall together where their names are cut');
  t.match(onlySighting(header(7), 'blender'), { offered: false, problem: { code: 'unreadable', text: /24 channels/ } });
});

t.test('Nuke', async (t) => {
  t.ok(works(onlySighting(fixtureHeader('cases/01_nuke_parts.exr'), 'nuke')), 'parts that name layers');
  t.ok(
    works(onlySighting(fixtureHeader('seen-by/06_stereo_hero.header'), 'nuke')),
    'the first view, which has no prefix',
  );
  const named = (name: string, channels = name) =>
    makeHeader(
      makePart(
        [...layer(`${channels}00`, 'rgba'), ...layer(`${channels}01`, 'rgba')],
        setStrings('0000000', name, manifest),
      ),
    );
  t.equal(onlySighting(named('main.CryptoObject'), 'nuke').name, 'main_CryptoObject');
  for (const name of ['main.CryptoObject', 'my main.CryptoObject', 'a_b', 'x/y'])
    t.ok(works(onlySighting(named(name), 'nuke')), name);
  for (const name of ['shot.main.CryptoObject', '1st.CryptoObject', 'a-b', 'Bäume', 'main.01_ids'])
    t.equal(code(named(name), 'nuke'), 'other-name', name);
  t.ok(works(onlySighting(named('main_CryptoObject', 'main.CryptoObject'), 'nuke')), 'the name as Nuke spells it');
  const many = Array.from({ length: 14 }, (_, rank) => layer(`ids${String(rank).padStart(2, '0')}`, 'rgba')).flat();
  const long = onlySighting(makeHeader(makePart(many, setStrings('0000000', 'ids', manifest))), 'nuke');
  t.same([long.problem?.code, long.ranks.length], ['missing-ranks', 12]);
  t.equal(code(makeHeader(makePart(twoRanks, { ...ids, 'cryptomatte/a/b/c': '' })), 'nuke'), 'bad-attribute');
  const later = makeHeader(
    makePart(layer('x', 'RGB'), {}, { name: 'x' }),
    makePart(twoRanks, ids, { name: 'ids', number: 1 }),
  );
  t.equal(code(later, 'nuke'), 'other-part');
  const cropped = makePart(
    layer('x', 'RGB'),
    {},
    { name: 'x', number: 1, dataWindow: { xMin: 1, yMin: 0, xMax: 7, yMax: 7 } },
  );
  t.equal(
    code(makeHeader(makePart(twoRanks, ids, { name: 'ids' }), cropped), 'nuke'),
    'unequal-windows',
    'unequal windows',
  );
  const last = makeHeader(makePart([...layer('CryptoObject00', 'rgba'), ...layer('CryptoObject01', 'rg')], ids));
  t.ok(works(onlySighting(last, 'nuke')), 'the last rank may hold one ID');
  const bare = seenChannels(makeHeader(makePart([{ name: 'R' }, { name: 'Z' }, { name: 'id' }])), 'nuke');
  t.same(
    bare.map((one) => `${one.layer}.${one.name}`),
    ['rgba.red', 'depth.Z', 'other.id'],
  );
});

t.test('Nuke in stereo by parts: the view goes in front and makes one dot too many', async (t) => {
  const part = (number: number, rank: string, view: string) =>
    makePart(
      layer(`VL.CryptoObject${rank}`, 'rgba'),
      number === 0 ? { ...setStrings('0', 'VL.CryptoObject', manifest), view } : { view },
      {
        number,
        name: `VL.CryptoObject${rank}-${view}`,
      },
    );
  const header = makeHeader(part(0, '00', 'left'), part(1, '00', 'right'));
  t.equal(code(header, 'nuke'), 'other-name');
  t.equal(code(header, 'blender'), 'repeated-ranks');
});

t.test('Fusion', async (t) => {
  t.equal(
    code(
      makeHeader(makePart(twoRanks, ids, { name: 'a' }), makePart(layer('x', 'RGB'), {}, { name: 'b', number: 1 })),
      'fusion',
    ),
    'multi-part',
  );
  t.equal(
    code(makeHeader(makePart(twoRanks, setStrings('ABCDEF0', 'CryptoObject', manifest))), 'fusion'),
    'bad-attribute',
  );
  t.equal(code(makeHeader(makePart(twoRanks, setStrings('3ae39a5', 'CryptoObject'))), 'fusion'), 'no-manifest');
  const eleven = Array.from({ length: 11 }, (_, rank) => layer(`ids${String(rank).padStart(2, '0')}`, 'rgba')).flat();
  t.equal(code(makeHeader(makePart(eleven, setStrings('0', 'ids', manifest))), 'fusion'), 'missing-ranks');
  const both = { ...ids, ...setStrings('abc', 'CryptoObjectHi', manifest) };
  const hi = [...layer('CryptoObjectHi00', 'rgba'), ...layer('CryptoObjectHi02', 'rgba')];
  t.same(
    seenBy(makeHeader(makePart([...twoRanks, ...hi], both)), 'fusion').map((one) => one.problem?.code),
    ['foreign-ranks', undefined],
    'a name that begins another one',
  );
  const odd = makeHeader(makePart([...twoRanks, { name: 'CryptoObject00.matte' }], ids));
  t.equal(code(odd, 'fusion'), 'rank-channels', 'an unknown component');
});

t.test('After Effects', async (t) => {
  const half = makeHeader(
    makePart([...layer('CryptoObject00', 'rgba'), ...layer('CryptoObject01', 'rgba', 'half')], ids),
  );
  t.equal(code(half, 'after-effects'), 'missing-ranks', 'only float channels count');
  const gap = fixtureHeader('seen-by/30_rank_gap.header');
  t.equal(code(gap, 'after-effects'), 'missing-ranks');
  const name = 'x'.repeat(62);
  t.equal(
    code(makeHeader(makePart(layer(`${name}00`, 'rgba'), setStrings('0', name, manifest))), 'after-effects'),
    'long-name',
  );
  t.ok(
    works(onlySighting(fixtureHeader('cases/01_nuke_parts.exr'), 'after-effects')),
    'names of parts go before bare channels',
  );
  const parts = makeHeader(
    makePart(layer('x', 'RGB'), ids, { name: 'x' }),
    makePart(twoRanks, {}, { name: 'CryptoObject00', number: 1 }),
  );
  t.equal(code(parts, 'after-effects'), 'other-name', 'and before others too');
});

t.test('scripts', async (t) => {
  t.equal(code(fixtureHeader('seen-by/30_rank_gap.header'), 'arnold'), 'missing-ranks');
  const two = { ...ids, ...setStrings('abc', 'gone', manifest) };
  t.same(
    seenBy(makeHeader(makePart(twoRanks, two)), 'arnold').map((one) => one.problem?.code),
    ['bad-attribute', 'no-channels'],
    'one fault ends the reading of all',
  );
  t.equal(
    code(makeHeader(makePart(twoRanks, { ...ids, 'cryptomatte/3ae39a5/hash': 'other' })), 'arnold'),
    'bad-attribute',
  );
  t.equal(code(makeHeader(makePart(twoRanks, { ...ids, 'cryptomatte/3ae39a5/extra': '' })), 'arnold'), 'bad-attribute');
});

t.test('notes do not count against a Cryptomatte', async (t) => {
  const backwards = fixtureHeader('seen-by/x_ranks_backwards.header');
  for (const one of seenBy(backwards, 'blender')) {
    t.ok(works(one));
    t.same(
      one.notes.map(({ code }) => code),
      ['rank-order'],
    );
  }
  const escaped = onlySighting(
    makeHeader(makePart(twoRanks, setStrings('0', 'CryptoObject', '{"a\\u0009b":"00000001"}'))),
    'blender',
  );
  t.ok(works(escaped));
  t.same(
    escaped.notes.map(({ code }) => code),
    ['escapes'],
  );
  const plain = onlySighting(
    makeHeader(makePart(twoRanks, setStrings('0', 'CryptoObject', '{"a\\\\u0009b":"00000001"}'))),
    'blender',
  );
  t.same(plain.notes, [], 'a backslash of its own before the letter u');
});
