import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { readSceneFile, sceneSources } from '../../lib/cryptomatte/scene-file.js';
import { isExrError } from '../../lib/model/error.js';
import { encodeText } from '../../lib/model/text.js';

const read = (value: unknown) => readSceneFile(encodeText(typeof value === 'string' ? value : JSON.stringify(value)));
const chars = { scene: 'shot', name: 'Chars', objects: ['Hero', 'new\nline'], materials: ['Skin'], assets: ['Hero'] };
const background = { scene: 'shot', name: 'BG', objects: ['Tree'] };

t.test('names, sets and attributes', async (t) => {
  const scene = read({
    version: 1,
    viewLayers: [chars, background],
    sets: [
      { name: 'all.ids', kind: 'object', viewLayers: [chars, background].map(({ scene, name }) => ({ scene, name })) },
    ],
    attributes: { Camera: 'shotCam', __proto__x: 'y' },
  });
  t.strictSame(
    [...scene.attributes],
    [
      ['Camera', 'shotCam'],
      ['__proto__x', 'y'],
    ],
  );
  const sources = sceneSources(scene, 'shot.json');
  t.strictSame(
    sources.map(({ name }) => name),
    [
      'all.ids',
      'Chars.CryptoObject',
      'Chars.CryptoMaterial',
      'Chars.CryptoAsset',
      'BG.CryptoObject',
      'BG.CryptoMaterial',
      'BG.CryptoAsset',
    ],
  );
  const [all, own] = sources;
  t.strictSame(
    [...(all?.names ?? [])],
    ['Hero', 'new\nline', 'Tree'].map((name) => [name, nameBits(name)]),
    'the names of both view layers, with their hashes',
  );
  t.equal(all?.label, 'shot.json: Chars + BG, objects');
  t.notSame(all?.group, own?.group, 'view layers are told apart');
});

t.test('what the file lists goes before what is usual', async (t) => {
  const sets = [{ name: 'Chars.CryptoObject', kind: 'material', viewLayers: [{ scene: 'shot', name: 'Chars' }] }];
  const sources = sceneSources(read({ version: 1, viewLayers: [chars], sets }), 'x');
  const own = sources.filter(({ name }) => name === 'Chars.CryptoObject');
  t.strictSame(
    own.map(({ names }) => [...names.keys()]),
    [['Skin']],
  );
});

t.test('names that are bytes and no text survive, as Python writes them', async (t) => {
  const scene = read('{"version":1,"viewLayers":[{"scene":"s","name":"v","objects":["a\\udcff"]}]}');
  t.equal(sceneSources(scene, '')[0]?.names.get('a\udcff'), nameBits('a\udcff'));
});

t.test('what is wrong is refused with its place', async (t) => {
  const layer = { scene: 's', name: 'v' };
  for (const [value, message] of [
    ['{', /not JSON/],
    ['[]', /the file must be an object/],
    [{ viewLayers: [] }, /"version" must be the number 1/],
    [{ version: '1', viewLayers: [] }, /"version" must be the number 1/],
    [{ version: 1 }, /"viewLayers" must be a list/],
    [{ version: 1, viewLayers: [], objects: [] }, /"objects" has no meaning here/],
    [{ version: 1, viewLayers: ['v'] }, /entry 0 must be an object/],
    [{ version: 1, viewLayers: [{ name: 'v' }] }, /entry 0: "scene" must be a text/],
    [{ version: 1, viewLayers: [{ ...layer, objects: [1] }] }, /"objects" must be a list of names/],
    [{ version: 1, viewLayers: [{ ...layer, assets: [''] }] }, /"assets" must be a list of names/],
    [{ version: 1, viewLayers: [layer, layer] }, /twice/],
    [
      { version: 1, viewLayers: [layer], sets: [{ name: 'x', kind: 'light', viewLayers: [layer] }] },
      /"kind" must be one of/,
    ],
    [
      { version: 1, viewLayers: [], sets: [{ name: 'x', kind: 'asset', viewLayers: [layer] }] },
      /not among "viewLayers"/,
    ],
    [
      { version: 1, viewLayers: [], sets: [1, 2].map(() => ({ name: 'x', kind: 'asset', viewLayers: [] })) },
      /lists a Cryptomatte twice/,
    ],
    [{ version: 1, viewLayers: [], attributes: { Frame: 1 } }, /"Frame" must be a text/],
  ] as const)
    t.throws(
      () => read(value),
      { kind: 'invalid', code: 'BAD_SCENE_FILE', message, hint: /docs\/scene\.md/ },
      JSON.stringify(value),
    );
  t.throws(() => read({ version: 2 }), { kind: 'unsupported', code: 'SCENE_VERSION' });
});

t.test('property: whatever the JSON, there is a scene or an error that names it', async (t) => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('viewLayers', 'sets', 'attributes', 'version'), (value, field) => {
        try {
          sceneSources(read({ version: 1, viewLayers: [{ scene: 's', name: 'v' }], [field]: value }), 'x');
        } catch (error) {
          return isExrError(error) && (error.kind === 'invalid' || error.kind === 'unsupported');
        }
        return true;
      }),
    ),
  );
});

t.test('the example of the documentation is a scene file, and the schema knows its fields', async (t) => {
  const page = readFileSync(new URL('../../../docs/scene.md', import.meta.url), 'utf8');
  const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? '';
  const scene = read(example);
  t.ok(scene.viewLayers.length > 1 && scene.sets.length > 0 && scene.attributes.size > 0);
  const schema = readFileSync(new URL('../../../docs/scene.schema.json', import.meta.url), 'utf8');
  const { properties, $defs } = JSON.parse(schema);
  const parsed = JSON.parse(example);
  const fields = (values: readonly object[]): string[] => [...new Set(values.flatMap(Object.keys))].sort();
  t.strictSame(Object.keys(properties).sort(), fields([parsed]));
  t.strictSame(Object.keys($defs.viewLayer.properties).sort(), fields(parsed.viewLayers));
  t.strictSame(Object.keys($defs.set.properties).sort(), fields(parsed.sets));
});
