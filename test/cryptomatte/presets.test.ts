import t from 'tap';
import { applyRenaming } from '../../filters/shared/renaming.js';
import { findPreset, type NamingPreset, presetFrom, presets } from '../../lib/cryptomatte/presets/preset.js';
import { followedPreset, presetRenaming } from '../../lib/cryptomatte/presets/renaming.js';
import { validateHeader } from '../../lib/cryptomatte/validate.js';
import type { FilterContext } from '../../lib/engine/filter.js';
import { parseAttribute } from '../../lib/format/attribute-types.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { headerSets } from '../../lib/layers/sets.js';
import { viewLayersAttribute } from '../../lib/layers/view-layers.js';
import { type Header, isArrived } from '../../lib/model/header.js';
import { fixtureHeader, layer, makeHeader, makePart, single } from './fixtures.js';

const silent = { warn: () => {}, note: () => {} } as Pick<FilterContext, 'warn' | 'note'> as FilterContext;

/** A header renamed as the filter does it. */
function renamed(header: Header, to: string | NamingPreset): Header {
  const preset = presetRenaming(header, typeof to === 'string' ? findPreset(to) : to);
  const result = applyRenaming(header, preset, silent);
  return {
    ...result,
    parts: result.parts.map((part, number) => ({
      ...part,
      attributes: preset.attributes(part.attributes, number === 0),
    })),
  };
}

function names(header: Header): string[] {
  return header.parts.flatMap(({ channels }) => channels.map(({ name }) => name));
}

/** Names by plane: what each arrived channel is called now. */
function byPlane(header: Header): Map<string, string> {
  return new Map(
    header.parts.flatMap(({ channels }) =>
      channels.flatMap(({ name, plane }) =>
        isArrived(plane) ? [[`${plane.part} ${plane.index}`, name] as const] : [],
      ),
    ),
  );
}

const oneLayer = makeHeader(
  makePart([
    ...layer('ViewLayer.Combined', 'RGBA'),
    ...layer('ViewLayer.Combined_key', 'RGB'),
    ...layer('ViewLayer.Depth', 'Z'),
    ...layer('ViewLayer.Normal', 'XYZ'),
    ...layer('ViewLayer.Vector', 'XYZW'),
    ...layer('ViewLayer.DiffCol', 'RGB'),
    ...layer('ViewLayer.GlossDir', 'RGB'),
    ...layer('ViewLayer.aov_color', 'RGBA'),
    ...layer('ViewLayer.CryptoObject00', 'rgba'),
    ...layer('Composite.Combined', 'RGBA'),
  ]),
);

const files: readonly (readonly [string, Header])[] = [
  ['one view layer', oneLayer],
  ...[
    'headers/panel_f32_zip.header',
    'headers/panel_stereo.header',
    'headers/panel_layernames.header',
    'headers/oiio_multipart_viewlayers.header',
    'panel_levels2.0001.exr',
  ].map((file) => [file, fixtureHeader(`blender/${file}`)] as const),
];

t.test('names for a comp built for Arnold', async (t) => {
  const after = renamed(oneLayer, 'arnold');
  const found = names(after);
  for (const name of [
    'R',
    'A',
    'Z',
    'N.X',
    'RGBA_key.R',
    'Vector.W',
    'diffuse_albedo.R',
    'specular_direct.B',
    'aov_color.A',
    'crypto_object00.R',
    'crypto_object00.A',
    'Composite.Combined.R',
  ])
    t.ok(found.includes(name), name);
  t.equal(found.length, names(oneLayer).length);
});

t.test('names for Nuke have one dot at most, and its linter is content', async (t) => {
  for (const [file, header] of files) {
    if (file.includes('stereo')) continue;
    const after = renamed(header, 'nuke');
    const dots = names(after).filter((name) => !name.startsWith('Composite') && name.split('.').length > 2);
    t.strictSame(dots, [], file);
    const errors = validateHeader(after, { targets: ['nuke'] }).filter(
      ({ rule }) => rule === 'CM-C06' || rule === 'CM-C12',
    );
    t.strictSame(errors, [], file);
  }
  const found = names(renamed(fixtureHeader('blender/headers/panel_layernames.header'), 'nuke'));
  for (const name of ['_1st_layer_Combined.R', 'B_ume_____CryptoObject00.r', 'main_chars_v2_depth.Z'])
    t.ok(found.includes(name), name);
});

t.test('Cryptomatte metadata goes along', async (t) => {
  for (const [file, header] of files)
    for (const preset of presets) {
      const before = headerSets(header).filter(({ fit }) => fit === 'exact').length;
      const after = headerSets(renamed(header, preset)).filter(({ fit }) => fit === 'exact').length;
      t.equal(after, before, `${file} to ${preset.name}`);
    }
});

t.test('a preset applied twice changes nothing more', async (t) => {
  for (const [file, header] of files)
    for (const preset of presets) {
      const once = renamed(header, preset);
      t.strictSame(byPlane(renamed(once, preset)), byPlane(once), `${file} to ${preset.name}`);
    }
});

t.test('two presets one after the other give the first names back', async (t) => {
  for (const [file, header] of files)
    for (const from of presets)
      for (const to of presets) {
        const first = renamed(header, from);
        const back = renamed(renamed(first, to), from);
        t.strictSame(byPlane(back), byPlane(first), `${file}: ${from.name}, ${to.name}, ${from.name}`);
      }
});

t.test("from Blender's own names and back, the header is the same to the byte", async (t) => {
  for (const [file, header] of files)
    for (const { name } of presets)
      t.strictSame(writeHeader(renamed(renamed(header, name), 'blender')), writeHeader(header), `${file} by ${name}`);
});

t.test('what was left out is noted in an attribute, as long as it is needed', async (t) => {
  const dropped = single(renamed(oneLayer, 'arnold').parts).attributes.get(viewLayersAttribute);
  t.strictSame(dropped && parseAttribute(dropped.type, dropped.value), '{"":"ViewLayer"}');
  t.notOk(single(renamed(renamed(oneLayer, 'arnold'), 'blender').parts).attributes.has(viewLayersAttribute));
  t.notOk(single(renamed(oneLayer, 'blender').parts).attributes.has(viewLayersAttribute));
});

t.test('the convention a file follows is recognised', async (t) => {
  for (const [file, header] of files)
    for (const name of ['blender', 'arnold'])
      t.equal(followedPreset(renamed(header, name)).name, name, `${file} in the names of ${name}`);
});

t.test('File Output slots become what the panel writes', async (t) => {
  const found = names(renamed(fixtureHeader('blender/b3_lost_sepcomb.0001.exr'), 'blender'));
  t.ok(found.includes('main.CryptoObject00.r'));
  t.ok(found.includes('main.Depth.Z'));
});

t.test('parts of Blender 5 are renamed with their channels', async (t) => {
  const header = makeHeader(
    makePart(layer('VL.DiffDir', 'RGB'), { view: 'left' }, { name: 'VL.DiffDir-left' }),
    makePart([{ name: 'Y' }], {}, { name: 'preview', number: 1 }),
    makePart(layer('VL2.Combined', 'RGB'), {}, { name: 'VL2.Combined', number: 2 }),
  );
  t.strictSame(
    renamed(header, 'arnold').parts.map(({ name }) => name),
    ['VL.diffuse_direct-left', 'preview', 'VL2.RGBA'],
  );
});

t.test("a preset of one's own needs only what differs", async (t) => {
  const own = presetFrom(
    { like: 'arnold', summary: 'Ours.', passes: { normal: 'nrm' }, cryptomattes: { object: 'ids' } },
    'studio',
  );
  const found = names(renamed(oneLayer, own));
  t.ok(found.includes('nrm.X') && found.includes('ids00.R') && found.includes('diffuse_albedo.R'));
  t.equal(own.name, 'studio');
  for (const [value, pattern] of [
    [[], /list of names/],
    [{ like: 'maya' }, /no preset "maya"/],
    [{ separator: '-' }, /separator/],
    [{ passes: { hair: 'x' } }, /passes\.hair/],
    [{ passes: { depth: 'a.b' } }, /passes\.depth.*dots/],
    [{ passes: { depth: 1 } }, /passes\.depth.*text/],
    [{ beautyInRoot: 'yes' }, /beautyInRoot/],
    [{ colour: 1 }, /"colour" is not a field/],
  ] as const)
    t.throws(() => presetFrom(value, 'x'), { kind: 'usage', message: pattern });
});

t.test('damaged notes of earlier presets do no harm', async (t) => {
  const part = single(oneLayer.parts);
  const attributes = part.attributes.with(viewLayersAttribute, {
    type: 'stringvector',
    value: Uint8Array.from([255, 255, 255, 127]),
  });
  const before = { ...oneLayer, parts: [{ ...part, attributes }] };
  t.ok(names(renamed(before, 'arnold')).includes('crypto_object00.R'));
});
