import fc from 'fast-check';
import t from 'tap';
import { layout, rename, split } from '../../filters/index.js';
import { inFirstPart, settle } from '../../lib/cryptomatte/settle.js';
import { formatAttribute, parseAttribute, stringAttribute, structuralNames } from '../../lib/format/index.js';
import { type Attribute, type Header, isArrived, isExrError, makePlan, type Part } from '../../lib/index.js';
import { headerSets, isSetAttribute, placesOf } from '../../lib/layers/index.js';
import type { Program } from '../../lib/layers/seen-by/program.js';
import { seenBy, works } from '../../lib/layers/seen-by/seen-by.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure, run, thrown } from './support.js';

const silent = { warn: () => {}, note: () => {} };
const frames = [
  'blender5/allpasses.header',
  'blender5/b2_arnoldnames.header',
  'blender5/x_empty_name.header',
  'blender5/panel_multiview.header',
  'seen-by/b2_two_dots.header',
  'seen-by/b1_direct_interleave.header',
  'seen-by/panel_stereo_interleave.header',
  'seen-by/levels2.header',
  'blender/headers/panel_f32_zip.header',
  'blender/headers/panel_layernames.header',
  'blender/headers/panel_stereo.header',
  'cases/01_nuke_parts.exr',
  'cases/02_vray_parts.exr',
].map((path) => [path, fixtureHeader(path)] as const);
const programs = ['blender', 'nuke'] as const;

/** What to lay out, and the program that it is for, which the command line tells all filters. */
interface Wish {
  readonly to: 'single' | 'parts';
  readonly for?: (typeof programs)[number];
}

function lay({ to, for: program }: Wish, header: Header): ReturnType<typeof run> {
  return run(layout({ to }), header, { programs: program === undefined ? [] : [program] });
}

async function laidOut(header: Header, ...wishes: Wish[]): Promise<Header> {
  let after = header;
  for (const wish of wishes) after = (await lay(wish, after)).header;
  return after;
}

/** As a file of its own: what a program sees of it is settled when it is written. */
function working(header: Header, program: Program): string[] {
  return seenBy(settle(header, header, silent), program)
    .filter(works)
    .map(({ set }) => set.name ?? '')
    .toSorted();
}

/** By plane: where the channel stands, whoever spells it. */
function places(header: Header): Map<string, unknown> {
  return new Map(
    [...placesOf(header).values()].map(({ channel: { plane, type }, layer: name, view, component }) => [
      isArrived(plane) ? `${plane.part}:${plane.index}` : '',
      [name, view, component, type],
    ]),
  );
}

function text(part: Part | undefined, attribute: string): string | undefined {
  return stringAttribute(part?.attributes.get(attribute));
}

/** Attributes that say something beyond how the file is laid out, in the order of their names. */
function said({ attributes }: Part): [string, Attribute][] {
  return [...attributes].filter(([name]) => !structuralNames.has(name)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

t.test('in every layout all channels stand where they stood, whoever spells it', async (t) => {
  for (const [path, header] of frames)
    for (const program of programs)
      for (const to of ['single', 'parts'] as const) {
        const { header: after, codes } = await lay({ to, for: program }, header);
        t.strictSame(places(after), places(header), `${path} to ${to} for ${program}`);
        t.strictSame(
          codes.filter((code) => code !== 'ONE_WAY'),
          [],
          path,
        );
        t.equal(after.multiPart, to === 'parts');
        t.equal(after.parts.length === 1, to === 'single');
        t.strictSame(
          new Set(headerSets(after).map(({ name }) => name)),
          new Set(headerSets(header).map(({ name }) => name)),
        );
      }
});

t.test('programs find what they found, and find all that the names allow', async (t) => {
  for (const [path, header] of frames) {
    if (path.includes('stereo') || path.includes('multiview')) continue;
    for (const program of programs)
      for (const to of ['single', 'parts'] as const) {
        const after = await laidOut(header, { to, for: program });
        for (const seer of programs)
          t.strictSame(working(after, seer), working(header, seer), `${path} to ${to} for ${program}: ${seer}`);
      }
  }
});

t.test('a frame of Blender 5 in one part, for every program', async (t) => {
  const header = fixtureHeader('blender5/allpasses.header');
  const one = await laidOut(header, { to: 'single' });
  for (const preset of ['nuke', 'arnold', 'fusion'] as const) {
    const after = (await run(rename({ preset }), one)).header;
    t.equal(working(after, preset === 'arnold' ? 'nuke' : preset).length, 3, preset);
  }
  const parts = (await run(split({ by: 'view-layer' }), header)).header;
  t.equal(working(parts, 'blender').length, 3);
  t.equal(working(await laidOut(header, { to: 'parts' }), 'blender').length, 3);
});

t.test('from one part to parts and back all is the same, attributes too', async (t) => {
  for (const [path, header] of frames) {
    if (header.parts.length > 1) continue;
    const after = await laidOut(header, { to: 'parts' }, { to: 'single' });
    t.strictSame(single(after.parts).channels, single(header.parts).channels, path);
    t.strictSame(said(single(after.parts)), said(single(header.parts)), path);
  }
});

t.test("from Blender's parts to one and back all is the same but for the order of parts", async (t) => {
  for (const path of ['allpasses', 'b2_arnoldnames', 'panel_multiview']) {
    const header = fixtureHeader(`blender5/${path}.header`);
    const after = await laidOut(header, { to: 'single' }, { to: 'parts' });
    const byName = new Map(after.parts.map((part) => [part.name, part]));
    t.equal(byName.size, header.parts.length);
    for (const [number, part] of header.parts.entries()) {
      const other = byName.get(part.name);
      t.strictSame(other?.channels, part.channels, part.name ?? '');
      // The metadata of the whole image stands in whatever part is first.
      const own = (one: Part): [string, Attribute][] =>
        said(one).filter(([name]) => number > 0 && header.parts[1]?.attributes.has(name) && !isSetAttribute(name));
      t.strictSame(other && own(other), own(part), part.name ?? '');
    }
    t.strictSame(said(after.parts[0] as Part), said(header.parts[0] as Part), 'the first part says what it said');
  }
});

t.test('what Nuke writes comes back as Nuke writes it', async (t) => {
  const header = fixtureHeader('cases/01_nuke_parts.exr');
  const after = await laidOut(header, { to: 'single', for: 'nuke' }, { to: 'parts', for: 'nuke' });
  const shape = ({ parts }: Header): unknown =>
    parts.map(({ name, channels }) => [name, channels.map((channel) => channel.name)]).toSorted();
  t.strictSame(shape(after), shape(header));
  t.strictSame(working(after, 'nuke'), ['CryptoObject']);
});

t.test("Blender's parts: names, views, colour spaces, metadata once", async (t) => {
  const stereo = await laidOut(fixtureHeader('seen-by/panel_stereo_interleave.header'), { to: 'parts' });
  t.strictSame(
    stereo.parts
      .slice(0, 4)
      .map((part) => [part.name, part.channels[0]?.name, text(part, 'view'), text(part, 'colorInteropID')]),
    [
      ['BG.Combined-left', 'BG.Combined.A', 'left', 'lin_rec709_scene'],
      ['BG.Combined-right', 'BG.Combined.A', 'right', 'lin_rec709_scene'],
      ['BG.CryptoAsset00-left', 'BG.CryptoAsset00.a', 'left', 'data'],
      ['BG.CryptoAsset00-right', 'BG.CryptoAsset00.a', 'right', 'data'],
    ],
  );
  t.notOk(stereo.parts.some(({ attributes }) => attributes.has('multiView')));
  t.strictSame(
    stereo.parts.map(({ attributes }) => attributes.has('Software')),
    stereo.parts.map((_, number) => number === 0),
  );
  t.equal(inFirstPart(stereo, silent), stereo, 'all Cryptomattes stand in the first part already');
  const own = makeHeader(
    makePart(
      [...layer('VL.Normal', 'XYZ'), ...layer('VL.UV', 'UVA'), ...layer('VL.Shadow', 'RGB'), ...layer('VL.light', 'Y')],
      { colorInteropID: 'lin_ap1_scene' },
    ),
  );
  const { parts } = await laidOut(own, { to: 'parts' });
  t.strictSame(Object.fromEntries(parts.map((part) => [part.name, text(part, 'colorInteropID')])), {
    'VL.Shadow': 'lin_ap1_scene',
    'VL.Normal': 'data',
    'VL.UV': 'data',
    'VL.light': 'lin_ap1_scene',
  });
  const silentFile = await laidOut(makeHeader(makePart([...layer('a', 'XYZ'), ...layer('b', 'RGB')])), { to: 'parts' });
  t.notOk(
    silentFile.parts.some(({ attributes }) => attributes.has('colorInteropID')),
    'nobody names a colour space',
  );
});

t.test('views in one part stand where the program has them, in their order', async (t) => {
  const header = fixtureHeader('blender5/panel_multiview.header');
  const views = ({ parts: [part] }: Header): unknown => {
    const list = part?.attributes.get('multiView');
    return list && parseAttribute('stringvector', list.value);
  };
  const blender = await laidOut(header, { to: 'single' });
  const nuke = await laidOut(header, { to: 'single', for: 'nuke' });
  t.strictSame(
    [views(blender), views(nuke)],
    [
      ['left', 'right', 'center cam'],
      ['left', 'right', 'center cam'],
    ],
  );
  const names = (one: Header): string[] => single(one.parts).channels.map(({ name }) => name);
  t.ok(names(blender).includes('Chars.CryptoObject00.left.r'));
  t.ok(names(nuke).includes('Chars.CryptoObject00.r') && names(nuke).includes('center cam.Chars.CryptoObject00.r'));
  t.notOk(single(nuke.parts).attributes.has('view'));
  const one = makeHeader(
    makePart(layer('a', 'R'), { view: 'left' }, { name: 'a.left' }),
    makePart(layer('b', 'R'), { view: 'left' }, { name: 'b.left', number: 1 }),
  );
  t.equal(text(single((await laidOut(one, { to: 'single' })).parts), 'view'), 'left');
  t.strictSame(views(await laidOut(one, { to: 'single', for: 'nuke' })), ['left']);
});

t.test('channels without a layer go to parts that say so', async (t) => {
  const header = makeHeader(
    makePart(
      [...'ABGRZ']
        .map((name) => ({ name }))
        .concat([{ name: 'mask' }], layer('crypto_object00', 'RGBA'), layer('rgba', 'R')),
    ),
  );
  const after = await laidOut(header, { to: 'parts' });
  t.strictSame(
    after.parts.map(({ name, channels }) => [name, channels.map((channel) => channel.name)]),
    [
      ['rgba', ['A', 'B', 'G', 'R']],
      ['depth', ['Z']],
      ['other', ['mask']],
      ['crypto_object00', ['crypto_object00.A', 'crypto_object00.B', 'crypto_object00.G', 'crypto_object00.R']],
      ['rgba_2', ['rgba.R']],
    ],
  );
});

t.test('what would not come back is noted', async (t) => {
  const note = async (header: Header, wish: Wish): Promise<string> =>
    (await lay(wish, header)).notices
      .filter(({ code }) => code === 'ONE_WAY')
      .map(({ level, message }) => `${level}: ${message}`)
      .join();
  const small = { xMin: 0, yMin: 0, xMax: 3, yMax: 3 };
  const odd = makeHeader(
    makePart(layer('a', 'RGB'), { comments: 'one' }, { name: 'a' }),
    makePart(layer('b', 'RGB'), { comments: 'two' }, { name: 'b', number: 1, dataWindow: small }),
  );
  t.match(await note(odd, { to: 'single' }), /^note: .*data windows of different size, comments of "b"/);
  t.match(
    await note(makeHeader(makePart([...layer('main', 'RGB'), ...layer('b', 'R')])), { to: 'parts', for: 'nuke' }),
    /the layer "main"/,
  );
  t.equal(
    await note(makeHeader(makePart([...layer('Depth', 'V'), ...layer('b', 'R')])), { to: 'parts', for: 'nuke' }),
    '',
  );
  const multiView = { type: 'stringvector', value: formatAttribute('stringvector', ['left', 'right']) };
  const plain = makePart([...layer('a', 'R'), ...layer('right.a', 'R')]);
  const hero = makeHeader({ ...plain, attributes: plain.attributes.with('multiView', multiView) });
  t.match(await note(hero, { to: 'parts' }), /where names have the view/);
  t.equal(await note(hero, { to: 'parts', for: 'nuke' }), '');
  const deep = makeHeader(
    makePart([...layer('a', 'R'), ...layer('b', 'R')], {}, { type: 'deepscanline', compression: 'zips' }),
  );
  t.match(await note(deep, { to: 'parts' }), /the one part, since .*deep/);
  t.equal(await note(fixtureHeader('blender5/allpasses.header'), { to: 'single' }), '');
});

t.test('what cannot be, and the command for it', async (t) => {
  const twins = makeHeader(
    makePart([{ name: 'R' }], {}, { name: 'part0' }),
    makePart([{ name: 'R' }], {}, { name: 'part1', number: 1 }),
  );
  t.match(await failure(layout({ to: 'single' }), twins), {
    code: 'CHANNELS_CLASH',
    message: /"R" in part0 and part1/,
    hint: /merge/,
  });
  t.match((await laidOut(twins, { to: 'parts' })).parts, [{ name: 'rgba' }, { name: 'part' }]);
  t.match(
    thrown(() => layout({})),
    { kind: 'usage', message: /`to: 'single'` or `to: 'parts'`/ },
  );
});

t.test('one layer alone keeps its name in the channels', async (t) => {
  const header = makeHeader(
    makePart(layer('CryptoObject00', 'rgba'), setStrings('3ae39a5', 'CryptoObject', '{"a":"00000001"}')),
  );
  for (const program of programs) {
    const after = await laidOut(header, { to: 'parts', for: program });
    t.strictSame(single(after.parts).channels, single(header.parts).channels);
    t.strictSame(working(after, 'nuke'), ['CryptoObject']);
  }
});

t.test('windows, types and codecs stay, so parts of one part are spliced', async (t) => {
  const header = fixtureHeader('seen-by/b1_direct_interleave.header');
  const after = await laidOut(header, { to: 'parts' });
  const plans = makePlan(after, header, {});
  t.ok(plans.every(({ method }) => method === 'splice' || method === 'transcode' || method === 'forward'));
  for (const part of after.parts) {
    t.strictSame(part.dataWindow, header.parts[0]?.dataWindow);
    t.equal(part.compression, header.parts[0]?.compression);
  }
});

t.test('a preview and the Cryptomattes are not repeated in every part', async (t) => {
  const part = makePart([...layer('a', 'RGB'), ...layer('b', 'RGB')], setStrings('3ae39a5', 'ids'));
  const preview = { type: 'preview', value: new Uint8Array(8) };
  const header = makeHeader({ ...part, attributes: part.attributes.with('preview', preview) });
  const { parts } = await laidOut(header, { to: 'parts' });
  t.strictSame(
    parts.map(({ attributes }) => [attributes.has('preview'), attributes.has('cryptomatte/3ae39a5/name')]),
    [
      [true, true],
      [false, false],
    ],
  );
});

const piece = fc.constantFrom('main', 'FG elements', 'v.2', 'ü', 'beauty', 'Composite');
const pass = fc.constantFrom('Combined', 'Normal', 'Depth', 'CryptoObject00', 'CryptoObject01', 'aov 1');
const anyFrame = fc
  .record({
    layers: fc.uniqueArray(fc.tuple(piece, pass), { minLength: 2, maxLength: 10, selector: String }),
    views: fc.constantFrom<readonly string[]>([], ['left', 'right'], ['b', 'a', 'c cam']),
    root: fc.constantFrom('', 'RGBA', 'RGBAZ'),
    colour: fc.boolean(),
  })
  .map(({ layers, views, root, colour }) => {
    const components: Readonly<Record<string, string>> = { Depth: 'Z', Normal: 'XYZ' };
    const channels = layers.flatMap(([view, name]) =>
      (views.length === 0 ? [''] : views).flatMap((own) =>
        layer(`${view}.${name}${own === '' ? '' : `.${own}`}`, components[name] ?? 'RGBA'),
      ),
    );
    const roots = views.length === 0 ? [...root].map((name) => ({ name })) : [];
    const part = makePart([...channels, ...roots], {
      comments: 'x',
      ...(colour && { colorInteropID: 'lin_rec709_scene' }),
      ...setStrings('1111111', 'main.CryptoObject', '{"a":"00000001"}'),
    });
    const list = { type: 'stringvector', value: formatAttribute('stringvector', [...views]) };
    return makeHeader(views.length === 0 ? part : { ...part, attributes: part.attributes.with('multiView', list) });
  });

t.test(
  'property: there and back, names, planes and attributes are the same, or a note says which are not',
  async () => {
    await fc.assert(
      fc.asyncProperty(anyFrame, async (header) => {
        const { header: parts, notices } = await run(layout({ to: 'parts' }), header);
        const noted = notices.map(({ message }) => message).join();
        const [one, other] = [single(header.parts), single((await laidOut(parts, { to: 'single' })).parts)];
        t.strictSame(other.channels, one.channels);
        // A file of data alone that calls itself colour does so no more.
        const expected = said(one).filter(([name]) => !noted.includes(name));
        t.strictSame(
          said(other).filter(([name]) => !noted.includes(name)),
          expected,
        );
        t.ok(expected.length >= said(one).length - 1);
      }),
    );
  },
);

t.test('property: another layout keeps the contents, and a second time changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyFrame,
      fc.constantFrom(...programs),
      fc.constantFrom('single', 'parts'),
      async (header, program, to) => {
        const { header: after, codes } = await lay({ to, for: program }, header);
        const again = await laidOut(after, { to, for: program });
        t.strictSame(
          again.parts.map(({ name, channels }) => [name, channels]),
          after.parts.map(({ name, channels }) => [name, channels]),
        );
        if (!codes.includes('ONE_WAY')) t.strictSame(places(after), places(header));
      },
    ),
  );
});

const oddName = fc.oneof(
  fc.constantFrom(
    '',
    '.',
    '..',
    'a.',
    '.a',
    'a..b',
    'R',
    'rgba',
    'depth',
    'left',
    'a.left',
    'left.a.R',
    'Combined',
    'VL.Combined.R',
    '_',
    '00',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const oddHeader = fc
  .array(
    fc.record({
      name: fc.option(oddName, { nil: undefined }),
      channels: fc.uniqueArray(oddName, { maxLength: 5 }),
      view: fc.option(fc.constantFrom('left', 'right', ''), { nil: undefined }),
      listed: fc.option(fc.uint8Array({ maxLength: 12 }), { nil: undefined }),
      note: fc.option(fc.constantFrom('{', '{"now":"nuke","before":"blender","names":{"R":"..","a.*":"R"}}'), {
        nil: undefined,
      }),
    }),
    { maxLength: 4 },
  )
  .map((parts) =>
    makeHeader(
      ...parts.map(({ name, channels, view, listed, note }, number) => {
        const part = makePart(
          channels.map((channel) => ({ name: channel })),
          { ...(view !== undefined && { view }), ...(note !== undefined && { 'exrpipe/names': note }) },
          { number, name },
        );
        if (!listed) return part;
        return { ...part, attributes: part.attributes.with('multiView', { type: 'stringvector', value: listed }) };
      }),
    ),
  );

t.test(
  'property: no header makes layout or a preset fail with anything but an error that says what to do',
  async () => {
    const steps = [
      ...programs.flatMap((program) =>
        (['single', 'parts'] as const).map((to) => (header: Header) => lay({ to, for: program }, header)),
      ),
      ...['blender', 'nuke', 'arnold'].map((preset) => (header: Header) => run(rename({ preset }), header)),
    ];
    await fc.assert(
      fc.asyncProperty(oddHeader, fc.constantFrom(...steps), async (header, step) => {
        try {
          const after = (await step(header)).header;
          const planes = ({ parts }: Header): unknown[] =>
            parts.flatMap(({ channels }) => channels.map(({ plane }) => JSON.stringify(plane))).toSorted();
          t.strictSame(planes(after), planes(header));
        } catch (error) {
          if (!isExrError(error)) throw error;
          t.equal(error.kind, 'usage');
        }
      }),
      { numRuns: 500 },
    );
  },
);
