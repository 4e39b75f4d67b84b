import t from 'tap';
import { type CarryOptions, carrySets } from '../../lib/cryptomatte/carry.js';
import { layerKey } from '../../lib/cryptomatte/hash.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { isSetAttribute } from '../../lib/layers/set-attributes.js';
import { headerSets } from '../../lib/layers/sets.js';
import type { Channel, Header, Part } from '../../lib/model/header.js';
import { compareText, decodeText } from '../../lib/model/text.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings, single } from './fixtures.js';

function carry(before: Header | Header[], after: Header, options: CarryOptions = {}) {
  const reports: string[] = [];
  const report = { warn: (code: string) => reports.push(code), note: (code: string) => reports.push(code) };
  return { header: carrySets(before, after, report, options), reports };
}

/** Renames channels as a filter does: new names, same planes, sorted again. */
function renamed(part: Part, change: (name: string) => string): Part {
  const channels = part.channels
    .map((channel): Channel => ({ ...channel, name: change(channel.name) }))
    .sort((a, b) => compareText(a.name, b.name));
  return { ...part, channels };
}

function picked(part: Part, keep: (name: string) => boolean): Part {
  return { ...part, channels: part.channels.filter(({ name }) => keep(name)) };
}

/** Each set's key, name, parts that declare it, and parts that hold its channels. */
function summary(header: Header): string[] {
  return headerSets(header).map(
    ({ key, name, fit, parts, layers }) =>
      `${key} ${name} ${fit} ${parts} ${[...new Set(layers.map(({ part }) => part))]} ${layers.length}`,
  );
}

t.test('a header whose channels did not change keeps every byte', async (t) => {
  for (const file of ['panel_f32_zip', 'panel_stereo', 'oiio_multipart_viewlayers', 'panel_layernames']) {
    const before = fixtureHeader(`blender/headers/${file}.header`);
    const { header, reports } = carry(before, before);
    t.strictSame(writeHeader(header), writeHeader(before), file);
    t.strictSame(reports, []);
  }
});

t.test('a renamed set keeps its key and its place, and takes its key from the name on demand', async (t) => {
  const before = fixtureHeader('blender/b2_main_dot.0001.exr');
  const after = makeHeader(renamed(single(before.parts), (name) => name.replace('main.', 'beauty_')));
  const { header, reports } = carry(before, after);
  t.strictSame(summary(header), [
    '11751e1 beauty_CryptoMaterial exact 0 0 3',
    'a3346d2 beauty_CryptoObject exact 0 0 3',
    'eae8e92 beauty_CryptoAsset exact 0 0 3',
  ]);
  t.strictSame(single(header.parts).attributes.names(), single(before.parts).attributes.names());
  t.strictSame(reports, []);
  const back = carry(header, makeHeader(renamed(single(header.parts), (name) => name.replace('beauty_', 'main.'))));
  t.strictSame(writeHeader(back.header), writeHeader(before));

  const rekeyed = carry(before, after, { rekey: true });
  for (const { key, name } of headerSets(rekeyed.header)) t.equal(key, layerKey(name ?? 'a name'));
});

t.test('renaming some channels of a set only is reported, and the metadata stays', async (t) => {
  const before = makeHeader(
    makePart([...layer('ids00', 'rgba'), ...layer('ids01', 'rgba')], setStrings('1234567', 'ids')),
  );
  const changes: ((name: string) => string)[] = [
    (name) => name.replace('ids01', 'other01'),
    (name) => name.replace('ids00', 'ids02'),
    (name) => name.replace('ids00', 'ids'),
    (name) => (name === 'ids00.r' ? 'ids00.g' : name === 'ids00.g' ? 'ids00.r' : name),
  ];
  for (const change of changes) {
    const { header, reports } = carry(before, makeHeader(renamed(single(before.parts), change)));
    t.strictSame(reports, ['SET_TORN']);
    t.equal(headerSets(header)[0]?.name, 'ids');
  }
});

t.test('a change of the components alone keeps the set whole', async (t) => {
  const before = makeHeader(makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids')));
  const upper = renamed(single(before.parts), (name) => name.replace(/\.(.)$/, (all) => all.toUpperCase()));
  const { header, reports } = carry(before, makeHeader(upper));
  t.strictSame(reports, []);
  t.strictSame(summary(header), ['1234567 ids exact 0 0 1']);
});

t.test('dropped channels take their metadata with them', async (t) => {
  const before = fixtureHeader('blender/headers/panel_f32_zip.header');
  const after = makeHeader(
    picked(single(before.parts), (name) => name.startsWith('Chars.') && !name.includes('Asset')),
  );
  const { header, reports } = carry(before, after);
  t.strictSame(summary(header), ['1640536 Chars.CryptoMaterial exact 0 0 3', 'cb14cba Chars.CryptoObject exact 0 0 3']);
  t.equal(single(header.parts).attributes.names().filter(isSetAttribute).length, 8);
  t.strictSame(reports, []);
  const torn = carry(before, makeHeader(picked(single(before.parts), (name) => !name.startsWith('BG.CryptoObject00'))));
  t.strictSame(torn.reports, ['SET_TORN']);
});

t.test('split: each part has its own sets, also under a new name', async (t) => {
  const before = fixtureHeader('blender/headers/panel_f32_zip.header');
  const parts = ['Chars', 'BG', 'FG elements'].map((layer) => ({
    ...renamed(
      picked(single(before.parts), (name) => name.startsWith(`${layer}.`)),
      (name) => name.slice(layer.length + 1),
    ),
    name: layer,
  }));
  const { header, reports } = carry(before, makeHeader(...parts), { beside: true });
  for (const [number, part] of header.parts.entries()) {
    const own = summary({ ...header, parts: [part] });
    t.equal(own.length, 3, `part ${number}`);
    for (const line of own) t.match(line, /^[0-9a-f]{7} Crypto(Object|Material|Asset) exact 0 0 3$/);
  }
  t.strictSame(reports, []);
});

t.test('split of metadata that stands in part 0 carries it over', async (t) => {
  const before = makeHeader(
    makePart(
      layer('A.Combined', 'RGBA'),
      { ...setStrings('1111111', 'A.ids'), ...setStrings('2222222', 'B.ids') },
      { name: 'x' },
    ),
    makePart(layer('A.ids00', 'rgba'), {}, { name: 'y', number: 1 }),
    makePart(layer('B.ids00', 'rgba'), {}, { name: 'z', number: 2 }),
  );
  const apart = carry(before, before, { beside: true }).header;
  t.strictSame(
    apart.parts.map((part) => headerSets({ parts: [part] }).map(({ name }) => name)),
    [[], ['A.ids'], ['B.ids']],
  );
  const rest = carry(before, makeHeader(before.parts[2] as Part)).header;
  t.strictSame(summary(rest), ['2222222 B.ids exact 0 0 1']);
});

t.test('prefixes stripped in every part: copies make room', async (t) => {
  const before = fixtureHeader('blender/headers/oiio_multipart_viewlayers.header');
  const parts = before.parts.map((part) => renamed(part, (name) => name.replace(/^(Chars|BG|FG elements)\./, '')));
  const { header } = carry(before, { ...before, parts });
  const sets = headerSets(header);
  t.equal(sets.length, 9);
  for (const { fit, parts: declared, layers, manifest } of sets) {
    t.equal(fit, 'exact');
    t.strictSame(declared, [layers[0]?.part]);
    t.ok(manifest);
  }
});

t.test('merge keeps sets of equal name and key apart when prefixes do', async (t) => {
  const inputs = ['Chars', 'FG_elements'].map((layer) => fixtureHeader(`blender/b5_direct_${layer}.0001.exr`));
  const moved = inputs.map((input, number) =>
    single(input.parts).channels.map((channel, index): Channel => ({ ...channel, plane: { part: number, index } })),
  );
  const before = inputs.map((input, number) =>
    makeHeader({ ...single(input.parts), channels: moved[number] as Channel[] }),
  );
  const channels = moved.flatMap((list, number) =>
    list.map((channel) => ({ ...channel, name: `${number}.${channel.name}` })),
  );
  const after = makeHeader({
    ...single((inputs[0] as Header).parts),
    channels: channels.sort((a, b) => compareText(a.name, b.name)),
  });
  const { header, reports } = carry(before, after);
  const sets = headerSets(header);
  t.equal(sets.length, 6);
  t.equal(new Set(sets.map(({ key }) => key)).size, 6);
  t.strictSame(reports, ['SET_REKEYED', 'SET_REKEYED', 'SET_REKEYED']);
  const text = (name: string) => decodeText(sets.find((set) => set.name === name)?.manifest ?? new Uint8Array());
  t.match(text('0.main.CryptoObject'), 'Hero Character');
  t.match(text('1.main.CryptoObject'), 'FG grass');
  for (const { fit, layers } of sets) t.strictSame([fit, layers.length], ['exact', 3]);
});

t.test('rank layers of one set that meet again are one set, with all names', async (t) => {
  const one = (number: number, manifest: string) =>
    makeHeader(makePart(layer(`ids0${number}`, 'rgba'), setStrings('1234567', 'ids', manifest), { number }));
  const glue = (a: string, b: string) => {
    const before = [one(0, a), one(1, b)];
    const channels = before.flatMap(({ parts }) => single(parts).channels).sort((x, y) => compareText(x.name, y.name));
    return carry(before, makeHeader({ ...single((before[0] as Header).parts), channels })).header;
  };
  const set = single(headerSets(glue('{"b":"01000002"}', '{"a":"01000001","b":"01000002"}')));
  t.equal(set.layers.length, 2);
  t.equal(decodeText(set.manifest ?? new Uint8Array()), '{"a":"01000001","b":"01000002"}');
  t.throws(() => glue('{"a":"01000002"}', '{"a":"01000001"}'), { code: 'MANIFEST_CONFLICT' });
  const cycles = single(headerSets(glue('{"obj45":"00734d5c"}', '{"b":"01000002","obj45":"00f34d5c"}')));
  t.equal(
    decodeText(cycles.manifest ?? new Uint8Array()),
    '{"b":"01000002","obj45":"00f34d5c"}',
    'one ID, spelt in two ways',
  );
});

t.test('sets without channels stay as they are, unless a split would have to place them', async (t) => {
  const before = fixtureHeader('blender/headers/panel_layernames.header');
  const { header } = carry(before, makeHeader(picked(single(before.parts), (name) => !name.includes('Combined'))));
  t.equal(headerSets(header).length, 12);
  const { reports } = carry(before, before, { beside: true });
  t.strictSame(reports, ['SET_DROPPED', 'SET_DROPPED', 'SET_DROPPED']);
});
