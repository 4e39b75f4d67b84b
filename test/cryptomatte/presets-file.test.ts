/** Presets of a user's own, from a file. */
import t from 'tap';
import { isPresetFile, parsePreset } from '../../lib/cryptomatte/presets/file.js';

const bytes = (text: string) => new TextEncoder().encode(text);

t.test('what is a file', async (t) => {
  t.same(['nuke', 'own.yaml', 'own.YML', 'own.json', 'json'].map(isPresetFile), [false, true, true, true, false]);
});

t.test('what is wrong with a file', async (t) => {
  const where = { file: 'own.yaml' };
  await t.rejects(parsePreset(bytes('a: [1'), 'own.yaml'), { kind: 'usage', code: 'BAD_PRESET', where });
  await t.rejects(parsePreset(bytes('colour: blue'), 'own.yaml'), { code: 'BAD_PRESET', where });
  await t.rejects(parsePreset(new Uint8Array(2 << 20), 'own.yaml'), { kind: 'limit', code: 'FILE_TOO_LARGE', where });
});

t.test('a preset is called as its file is, wherever that lies', async (t) => {
  for (const path of ['own.yaml', '/mnt/a/own.yaml', '../own.yaml'])
    t.equal((await parsePreset(bytes('like: nuke'), path)).name, 'own.yaml');
});
