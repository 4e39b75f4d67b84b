/** Names of .blend files, those that are packed with zstd included, without being given a library. */
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { readBlend } from '../../lib/node/blend.js';
import { fixturePath } from '../support.js';

t.test('a file that is packed with zstd', async (t) => {
  const { compression, objects } = await readBlend(await readFile(fixturePath('blend/scene.blend')));
  t.equal(compression, 'zstd');
  t.ok(objects.length > 0);
});
