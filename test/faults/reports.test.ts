/** What users of other programs ran into, and what other programs' code said of the results: every case was wrong once. */
import t from 'tap';
import { convert, drop, dropAttribute, matte, merge, pick, rename, repair, split } from '../../filters/index.js';
import { formatAttribute, parseAttribute, stringAttribute } from '../../lib/format/index.js';
import type { Header } from '../../lib/index.js';
import { headerSets, placesOf, viewLayersAttribute, viewLayersOf } from '../../lib/layers/index.js';
import { fixtureHeader, layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { failure, inputInfo, joined, run } from '../filters/support.js';
import { oneFile, result, working } from './support.js';

const seen = (name: string): Header => fixtureHeader(`seen-by/${name}.header`);
const names = (header: Header): string[] => header.parts.flatMap(({ channels }) => channels.map(({ name }) => name));

t.test('files whose parts bear the names of layers: every step sees the Cryptomatte and keeps its names', async (t) => {
  for (const file of ['01_nuke_parts', '02_vray_parts', 'oiio_multipart_ranks']) {
    const header = fixtureHeader(`cases/${file}.exr`);
    const known = headerSets(header).filter(({ layers }) => layers.length > 0);
    t.ok(known.length > 0 && known.every(({ manifest }) => (manifest?.length ?? 0) > 2), file);
    for (const steps of [
      [repair({})],
      [merge({ onClash: 'prefix' })],
      [split({ by: 'layer' })],
      [convert({ to: 'half' })],
      [rename({ addPrefix: 'shot.' })],
      [rename({ addPrefix: 'shot.' }), repair({})],
    ]) {
      const after = await oneFile(header, ...steps);
      const sets = headerSets(after).filter(({ layers }) => layers.length > 0);
      const what = `${file}: ${steps.map(({ filter }) => filter).join()}`;
      t.equal(sets.length, known.length, what);
      t.ok(
        sets.every(
          ({ layers, manifest }, at) => layers.length === known[at]?.layers.length && (manifest?.length ?? 0) > 2,
        ),
        what,
      );
      t.ok(
        sets.every(({ layers }) => layers.every(({ channels }) => channels.every(({ type }) => type === 'float'))),
        what,
      );
    }
  }
});

t.test('a renamed part takes the name in the metadata along', async (t) => {
  const header = fixtureHeader('cases/01_nuke_parts.exr');
  const [set] = headerSets(header);
  const after = await oneFile(header, rename({ map: [`${set?.name}=hero`] }));
  t.same(
    headerSets(after).map(({ name }) => name),
    ['hero'],
  );
  t.ok(after.parts.some(({ name }) => name === 'hero00'));
});

t.test('a merge of one file whose parts have the same channels reports what distinguishes them', async (t) => {
  const parts = ['beauty', 'main'].map((name, number) =>
    makePart(
      ['R', 'G', 'B'].map((one) => ({ name: one })),
      {},
      { name, number },
    ),
  );
  const error = await failure(merge({}), makeHeader(...parts));
  t.match(error.hint, /`name: '\{layer\}'`/);
  t.notMatch(error.hint, /`name: '\{stem\}'`/);
});

t.test(
  'a stereo file as Nuke writes it: the right eye alone keeps its names, and multiView what is there',
  async (t) => {
    const header = seen('06_stereo_hero');
    const right = await oneFile(header, pick({ layer: ['right'] }), rename({ stripPrefix: ['right.'] }));
    const [set] = headerSets(right);
    t.ok((set?.layers.length ?? 0) > 0 && set?.manifest, 'metadata stays with its channels');
    t.notOk(right.parts[0]?.attributes.has('multiView'), 'one view needs no list of views');
    t.equal(viewLayersOf(header).includes('right'), false, 'a view is no view layer');
    t.same([...new Set([...placesOf(header).values()].map(({ view }) => view))].sort(), ['left', 'right']);
    const both = await oneFile(header, rename({ addPrefix: 'shot.' }));
    t.equal(working(both, 'nuke'), working(header, 'nuke'), 'a layer put in front goes behind the view');
    t.ok(names(both).some((name) => name.startsWith('right.shot.')));
    t.same(names(await oneFile(both, rename({ stripPrefix: ['shot.'] }))), names(header));
  },
);

t.test('metadata that only one input has is kept, in either order and as parts', async (t) => {
  const bare = fixtureHeader('cases/08_merge_a_bare.exr');
  const coded = fixtureHeader('cases/08_merge_b_timecode.exr');
  for (const files of [
    { 'a.exr': bare, 'b.exr': coded },
    { 'b.exr': coded, 'a.exr': bare },
  ])
    for (const as of ['single', 'parts'] as const) {
      const { header, inputs } = joined(files);
      const { header: after, notices } = await run(merge({ as, name: '{stem}' }), header, { inputs });
      for (const { attributes } of after.parts)
        t.ok(attributes.has('timeCode') && attributes.has('chromaticities'), `${Object.keys(files)} ${as}`);
      t.notOk(notices.some(({ level }) => level === 'warning'));
    }
});

t.test('a name that is empty can be dropped from a single part', async (t) => {
  const { header } = await run(dropAttribute({ attributes: ['name'] }), fixtureHeader('cases/27_empty_name.exr'));
  t.notOk(header.parts[0]?.attributes.has('name'));
});

t.test('merging files of different colour spaces warns', async (t) => {
  const { header, inputs } = joined({
    'a.exr': fixtureHeader('cases/32_color_a.exr'),
    'b.exr': fixtureHeader('cases/32_color_b.exr'),
  });
  const { notices } = await run(merge({ name: '{stem}' }), header, { inputs });
  t.ok(notices.some(({ level, message }) => level === 'warning' && message.includes('colorInteropID')));
});

t.test('a gap in the ranks is closed by renaming, with no warning', async (t) => {
  const header = seen('30_rank_gap');
  const [set] = headerSets(header);
  const { files, notices } = await result(header, [rename({ map: [`${set?.name}03=${set?.name}02`] })]);
  t.notOk(notices.some(({ level }) => level === 'warning'));
  t.same(
    headerSets(files[0] as Header)[0]?.layers.map(({ text }) => text),
    ['00', '01', '02'],
  );
});

const matted = makeHeader(
  makePart(
    [...layer('Chars.Combined', 'RGB', 'half'), ...layer('Chars.CryptoObject00', 'rgba')],
    setStrings('abcdefa', 'Chars.CryptoObject', '{"Hero":"0000000a"}'),
  ),
);

t.test('a matte alone in a file is a grey image, and an alpha has the type of its colour', async (t) => {
  t.same(names(await oneFile(matted, matte({ name: ['Hero'], only: true }))), ['Y']);
  const after = await oneFile(matted, matte({ name: ['Hero'], as: 'Chars.Combined.A' }));
  t.equal(after.parts[0]?.channels.find(({ name }) => name === 'Chars.Combined.A')?.type, 'half');
});

t.test('convert warns by what channels mean: positions, UV and indices, each as a whole', async (t) => {
  const header = makeHeader(
    makePart(['pos.X', 'pos.Y', 'pos.Z', 'uv.U', 'uv.V', 'sn.X', 'sn.Y', 'sn.Z', 'pi.I'].map((name) => ({ name }))),
  );
  const { notices } = await run(convert({ to: 'half' }), header);
  const text = notices.map(({ message }) => message).join('\n');
  for (const name of ['pos.X', 'pos.Y', 'pos.Z', 'uv.U', 'uv.V', 'pi.I']) t.ok(text.includes(`"${name}"`), name);
  t.notOk(text.includes('"sn.'), 'directions from -1 to 1 suit half');
});

t.test('what presets note of view layers is a plain string, and old notes are read', async (t) => {
  const { header } = await run(
    rename({ preset: 'nuke' }),
    makeHeader(makePart([...layer('my.layer.Combined', 'RGBA'), ...layer('my.layer.CryptoObject00', 'rgba')])),
  );
  const note = header.parts[0]?.attributes.get(viewLayersAttribute);
  t.equal(note?.type, 'string');
  t.type(JSON.parse(stringAttribute(note) ?? ''), 'object');
  const old = { type: 'stringvector', value: formatAttribute('stringvector', ['main=my.main']) };
  t.same(parseAttribute('stringvector', old.value), ['main=my.main']);
  const [part] = makeHeader(makePart(layer('main.beauty', 'RGB'))).parts;
  if (!part) return;
  t.same(viewLayersOf({ parts: [{ ...part, attributes: part.attributes.with(viewLayersAttribute, old) }] }), ['main']);
});

t.test('a dot in the name of an AOV makes no view layer', async (t) => {
  const header = makeHeader(makePart(['R', 'G', 'B', 'dd.y.Z', 'pos.X', 'sn.X'].map((name) => ({ name }))));
  t.same(viewLayersOf(header), []);
  t.equal((await failure(split({ by: 'view-layer' }), header)).code, 'NO_VIEW_LAYERS');
});

t.test('files of the same name: what was typed is not the advice', async (t) => {
  const one = makeHeader(makePart(layer('a', 'RGB')));
  const { header } = joined({ 'a/single.exr': one, 'b/single.exr': one });
  const inputs = [inputInfo('a/single.exr', one), inputInfo('b/single.exr', one, 1)];
  const error = await failure(merge({ name: '{stem}' }), header, { inputs });
  t.notMatch(error.hint, /`name: '\{stem\}'`/);
});

t.test('the ranks of single digits are one Cryptomatte', async (t) => {
  const header = makeHeader(
    makePart(
      ['1', '2', '3'].flatMap((rank) => layer(`ids2${rank}`, 'rgba')),
      setStrings('abcdefa', 'ids2', '{"a":"0000000a"}'),
    ),
  );
  t.same(
    headerSets(header).map(({ name, layers }) => [name, layers.map(({ text }) => text)]),
    [['ids2', ['1', '2', '3']]],
  );
  const after = await oneFile(header, drop({ layer: ['nothing'] }), repair({}));
  t.equal(headerSets(after)[0]?.layers.length, 3);
});
