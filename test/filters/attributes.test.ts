import fc from 'fast-check';
import t from 'tap';
import { copyAttributes } from '../../filters/copy-attributes.js';
import { dropAttribute } from '../../filters/drop-attribute.js';
import { merge } from '../../filters/merge.js';
import { setAttribute } from '../../filters/set-attribute.js';
import { valueFromText } from '../../filters/shared/value-text.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import {
  formatAttribute,
  parseAttribute,
  stringAttribute,
  structuralNames,
  writableTypes,
} from '../../lib/format/index.js';
import type { Header, Part } from '../../lib/index.js';
import { fixtureHeader, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure, run, thrown } from './support.js';

const panel = fixtureHeader('blender/headers/panel_f32_zip.header');
const lost = fixtureHeader('blender/b3_lost_sepcomb.0001.exr');
const multi = fixtureHeader('blender/headers/oiio_multipart_viewlayers.header');

/** What readers see after a round trip through a file's bytes. */
function reread(header: Header): Header {
  return parseHeader(writeHeader(header)).header;
}

function value(header: Header, name: string, part = 0): unknown {
  const attribute = header.parts[part]?.attributes.get(name);
  return attribute && parseAttribute(attribute.type, attribute.value);
}

t.test('set-attribute takes types from the user, the standard, the file, the value', async (t) => {
  const { header } = await run(
    setAttribute({
      attributes: [
        'owner=Studio North',
        'timeCode=01:02:03;04',
        'framesPerSecond=24000/1001',
        'worldToCamera=1,0,0,0, 0,1,0,0, 0,0,1,0, 0,0,0,1',
        'Frame=0012',
        'take=7',
        'focusPull=0.5',
        'url=http://example.org/a:b=c',
        'note=5:string',
        'pair=3,4:v2i',
        'list=a,b:stringvector',
        'chromaticities=0.64,0.33,0.3,0.6,0.15,0.06,0.3127,0.329',
      ],
    }),
    panel,
  );
  const after = reread(header);
  t.equal(value(after, 'owner'), 'Studio North');
  // SMPTE bits as ImfTimeCode.h packs them: 01 02 03, drop-frame flag 0x40, frame 04.
  t.same(value(after, 'timeCode'), { timeAndFlags: 0x01020344, userData: 0 });
  t.same(value(after, 'framesPerSecond'), [24000, 1001]);
  t.equal(after.parts[0]?.attributes.get('worldToCamera')?.type, 'm44f');
  t.equal(value(after, 'Frame'), '0012', 'keeps the type the attribute has');
  t.equal(after.parts[0]?.attributes.get('take')?.type, 'int');
  t.equal(after.parts[0]?.attributes.get('focusPull')?.type, 'float');
  t.equal(value(after, 'url'), 'http://example.org/a:b=c');
  t.equal(value(after, 'note'), '5');
  t.same(value(after, 'pair'), [3, 4]);
  t.same(value(after, 'list'), ['a', 'b']);
  t.match(value(after, 'chromaticities'), { redX: Math.fround(0.64), whiteY: Math.fround(0.329) });
  t.same(
    header.parts[0]?.channels,
    panel.parts[0]?.channels,
    'no channel is touched, so the pixels can be forwarded as they are',
  );
});

t.test('set-attribute keeps the place of an attribute and appends new ones', async (t) => {
  const { header } = await run(setAttribute({ attributes: ['Scene=x', 'zzz=1'] }), panel);
  const before = single(panel.parts).attributes.names();
  t.same(single(header.parts).attributes.names(), [...before, 'zzz']);
});

t.test('set-attribute refuses what would break a file, and reports what to do', async (t) => {
  for (const name of structuralNames) {
    const error = thrown(() => setAttribute({ attributes: [`${name}=1`] }));
    t.match(error, { kind: 'usage', code: 'STRUCTURAL_ATTRIBUTE' }, name);
    t.ok(error.hint, name);
  }
  t.match(thrown(() => setAttribute({ attributes: ['compression=zip'] })).hint, /`compress\(\{ to: /);
  t.match(
    thrown(() => setAttribute({ attributes: ['owner'] })),
    { code: 'BAD_ASSIGNMENT' },
  );
  t.match(
    thrown(() => setAttribute({ attributes: ['=x'] })),
    { code: 'BAD_ASSIGNMENT' },
  );
  t.match(
    thrown(() => setAttribute({ attributes: [`${'x'.repeat(256)}=1`] })),
    { code: 'BAD_ATTRIBUTE_NAME' },
  );
  t.match(await failure(setAttribute({ attributes: ['timeCode=x:string'] }), panel), { code: 'WRONG_ATTRIBUTE_TYPE' });
  t.match(await failure(setAttribute({ attributes: ['cryptomatte/1234567/name=1:int'] }), panel), {
    code: 'WRONG_ATTRIBUTE_TYPE',
  });
  t.match(await failure(setAttribute({ attributes: ['preview=1'] }), panel), { code: 'UNKNOWN_ATTRIBUTE_TYPE' });
  for (const bad of [
    'timeCode=25:00:00:00',
    'timeCode=1:2:3:4',
    'timeCode=00:00:00:40',
    'framesPerSecond=24/0',
    'framesPerSecond=23.976',
    'take=2147483648:int',
    'take=1.5:int',
    'pair=1:v2i',
    'focus=near',
    'focus=',
    'envmap=ball',
    'chromaticities=1,2,3',
    'data=256:bytes',
    'data=[1,"x"]:v2i',
  ])
    t.match(
      await failure(setAttribute({ attributes: [bad] }), panel),
      { kind: 'usage', code: 'BAD_ATTRIBUTE_VALUE', where: { attribute: /.+/ } },
      bad,
    );
});

t.test('set-attribute in some parts', async (t) => {
  const { header } = await run(setAttribute({ attributes: ['owner=BG only'], part: ['B*'] }), multi);
  t.same(
    header.parts.map(({ attributes }) => attributes.has('owner')),
    [false, true, false],
  );
  t.match(await failure(setAttribute({ attributes: ['owner=x'], part: ['nope'] }), multi), {
    code: 'NO_SUCH_PART',
    hint: /"Chars", "BG", "FG elements"/,
  });
  t.match(await failure(setAttribute({ attributes: ['timeCode=00:00:00:01'], part: ['BG'] }), multi), {
    code: 'SHARED_ATTRIBUTE',
  });
  const shared = await run(setAttribute({ attributes: ['timeCode=00:00:00:01'] }), multi);
  t.doesNotThrow(() => reread(shared.header), 'set in all parts, a shared attribute is accepted');
});

t.test("every writable type accepts the JSON of a file's value", (t) => {
  const samples: Record<string, unknown> = {
    string: 'plain',
    stringvector: ['a,b', ''],
    timecode: { timeAndFlags: 4294967295, userData: 7 },
    rational: [24000, 1001],
    envmap: 'cube',
    deepImageState: 'tidy',
  };
  for (const type of writableTypes) {
    const size = { keycode: 28, chromaticities: 32, rational: 8, timecode: 8, m44d: 128, m33d: 72 }[type] ?? 64;
    const bytes = samples[type] === undefined ? new Uint8Array(size) : undefined;
    const parsed = bytes ? parseAttribute(type, bytes) : samples[type];
    const text = typeof parsed === 'object' ? JSON.stringify(parsed) : String(parsed);
    const again = parseAttribute(type, formatAttribute(type, valueFromText(type, text)));
    t.same(again, parsed, type);
  }
  t.end();
});

t.test('property: numbers typed come back exactly', (t) => {
  const int = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  fc.assert(
    fc.property(fc.array(int, { minLength: 3, maxLength: 3 }), (numbers) => {
      const stored = formatAttribute('v3i', valueFromText('v3i', numbers.join(', ')));
      t.strictSame(parseAttribute('v3i', stored), numbers);
    }),
    { numRuns: 50 },
  );
  const part = (max: number) => fc.integer({ min: 0, max });
  fc.assert(
    fc.property(part(23), part(59), part(59), part(39), (...fields) => {
      const [hours, minutes, seconds, frame] = fields.map((field) => String(field).padStart(2, '0'));
      const code = valueFromText('timecode', `${hours}:${minutes}:${seconds}:${frame}`);
      const bits = (code as { timeAndFlags: number }).timeAndFlags.toString(16).padStart(8, '0');
      t.equal(bits, `${hours}${minutes}${seconds}${frame}`, 'binary-coded decimals read like the text');
    }),
    { numRuns: 50 },
  );
  t.end();
});

t.test('drop-attribute removes by pattern and leaves a sound file', async (t) => {
  const { header, codes } = await run(dropAttribute({ attributes: ['File', 'cycles.*'] }), panel);
  t.same(codes, []);
  const names = single(header.parts).attributes.names();
  t.notOk(names.some((name) => name === 'File' || name.startsWith('cycles.')));
  t.equal(names.length, single(panel.parts).attributes.size - 1 - 12);

  const all = reread((await run(dropAttribute({ attributes: ['*'] }), multi)).header);
  t.same(
    all.parts[1]?.attributes.names().toSorted(),
    [
      'channels',
      'chunkCount',
      'compression',
      'dataWindow',
      'displayWindow',
      'lineOrder',
      'name',
      'pixelAspectRatio',
      'screenWindowCenter',
      'screenWindowWidth',
      'type',
    ],
    'everything readers need stays',
  );
  const kept = await run(dropAttribute({ attributes: ['*'], keep: ['cryptomatte/*'] }), panel);
  t.equal(
    single(kept.header.parts)
      .attributes.names()
      .filter((name) => name.startsWith('cryptomatte/')).length,
    36,
  );

  const onlyBg = await run(dropAttribute({ attributes: ['Camera'], part: ['BG'] }), multi);
  t.same(
    onlyBg.header.parts.map(({ attributes }) => attributes.has('Camera')),
    [true, false, true],
  );
});

t.test('drop-attribute reports when nothing matches, and never removes what readers need', async (t) => {
  const { codes, notices } = await run(dropAttribute({ attributes: ['nope', 'Camera'] }), panel);
  t.same(codes, ['NO_MATCH']);
  t.match(notices[0]?.message, /"nope"/);
  const ofSeveral = ['name', 'type', 'chunkCount'];
  for (const name of [...structuralNames, 'pixelAspectRatio', 'screenWindowWidth', 'view'])
    if (!ofSeveral.includes(name))
      t.match(
        thrown(() => dropAttribute({ attributes: [name] })),
        { kind: 'usage', code: 'STRUCTURAL_ATTRIBUTE', hint: /.+/ },
        name,
      );
});

t.test('drop-attribute removes from a single part what only files of several need', async (t) => {
  const named = fixtureHeader('cases/27_empty_name.exr');
  t.equal(single(named.parts).name, '');
  const { header, codes } = await run(dropAttribute({ attributes: ['name'] }), named);
  t.same(codes, []);
  t.equal(single(reread(header).parts).name, undefined);
  t.notOk(single(reread(header).parts).attributes.has('name'));

  const [one] = multi.parts as [Part];
  for (const multiPart of [true, false]) {
    const stripped = await run(dropAttribute({ attributes: ['name', 'type', 'chunkCount'] }), {
      ...multi,
      multiPart,
      parts: [one],
    });
    const after = reread(stripped.header);
    t.equal(after.multiPart, false);
    for (const name of ['name', 'type', 'chunkCount']) t.notOk(single(after.parts).attributes.has(name), name);
    t.same(single(after.parts).channels, one.channels);
  }
  const kept = await run(dropAttribute({ attributes: ['*'] }), { ...multi, parts: [one] });
  t.equal(single(kept.header.parts).name, one.name, 'a pattern takes nothing that some reader may need');
  const spared = await run(dropAttribute({ attributes: ['name'], keep: ['name'] }), { ...multi, parts: [one] });
  t.equal(single(spared.header.parts).name, one.name);
  t.equal(spared.header.multiPart, true);

  const deep = makeHeader(makePart([{ name: 'Z' }], {}, { name: 'x', type: 'deepscanline', compression: 'zips' }));
  for (const several of [multi, deep])
    for (const name of ['name', 'type', 'chunkCount'])
      t.match(await failure(dropAttribute({ attributes: [name] }), several), {
        code: 'STRUCTURAL_ATTRIBUTE',
        hint: /.+/,
      });
});

t.test('parts of one name: what the errors advise works', async (t) => {
  const twins = fixtureHeader('cases/18_same_part_names.exr');
  const advice = "merge({ as: 'parts', name: '{layer}{part}' })";
  const { header: owned } = await run(setAttribute({ attributes: ['owner=x'] }), twins);
  t.match(
    thrown(() => writeHeader(owned)),
    { code: 'DUPLICATE_PART_NAME', hint: "merge({ as: 'parts', name: '{layer}{part}' })" },
  );
  t.match(
    thrown(() => setAttribute({ attributes: ['name=x'] })),
    { hint: advice },
  );
  const { header } = await run(merge({ as: 'parts', name: '{layer}{part}' }), twins);
  t.same(
    reread(header).parts.map(({ name }) => name),
    ['beauty0', 'beauty1'],
  );
});

t.test('copy-attributes brings the render metadata back', async (t) => {
  const files = { 'render.exr': panel };
  const { header, codes, notices } = await run(copyAttributes({ from: 'render.exr' }), lost, { files });
  const before = single(lost.parts);
  const after = single(header.parts);
  for (const name of ['Camera', 'RenderTime', 'Time', 'cycles.FG elements.samples'])
    t.same(after.attributes.get(name), single(panel.parts).attributes.get(name), name);
  t.same(after.channels, before.channels);
  t.same(after.attributes.get('dataWindow'), before.attributes.get('dataWindow'));
  t.notOk(after.attributes.names().some((name) => name.startsWith('cryptomatte/')));
  t.same(codes, ['COPIED', 'CRYPTOMATTE_NOT_COPIED']);
  t.match(notices[1]?.message, /injectManifest\(\{ from: \['render\.exr'\] \}\)/);

  const some = await run(copyAttributes({ from: 'render.exr', only: ['cycles.BG.*', 'Camera'] }), lost, { files });
  const added = single(some.header.parts)
    .attributes.names()
    .filter((name) => !before.attributes.has(name));
  t.same(added.toSorted(), [
    'Camera',
    'cycles.BG.render_time',
    'cycles.BG.samples',
    'cycles.BG.synchronization_time',
    'cycles.BG.total_time',
  ]);
  t.same(some.codes, ['COPIED']);
});

t.test('copy-attributes: parts by name, shared attributes everywhere, errors that help', async (t) => {
  const donor = makeHeader(
    makePart([{ name: 'R' }], { who: 'first', timeCode: 'x' }, { name: 'main' }),
    makePart([{ name: 'R' }], { who: 'BG', ...setStrings('1234567', 'x') }, { name: 'BG', number: 1 }),
  );
  const files = { 'donor.exr': donor };
  const { header } = await run(copyAttributes({ from: 'donor.exr' }), multi, { files });
  t.same(
    header.parts.map(({ attributes }) => stringAttribute(attributes.get('who'))),
    ['first', 'BG', 'first'],
  );
  t.same(
    header.parts.map(({ attributes }) => attributes.has('timeCode')),
    [true, true, true],
  );
  t.match(await failure(copyAttributes({ from: 'donor.exr', only: ['nope'] }), multi, { files }), {
    code: 'NOTHING_TO_COPY',
    hint: /"who"/,
  });
  t.match(await failure(copyAttributes({ from: 'donor.exr', only: ['cryptomatte/*'] }), multi, { files }), {
    code: 'NOTHING_TO_COPY',
    hint: /injectManifest\(\{ from: \['donor\.exr'\] \}\)/,
  });
});
