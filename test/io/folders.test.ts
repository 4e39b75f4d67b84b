import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { makeFolder } from '../../lib/node/files.js';
import { temporaryFolder } from '../support.js';

t.test('folders are made with those that they are in, by several at once', async (t) => {
  const folder = await temporaryFolder(t);
  const deep = join(folder, 'a/b/c');
  await Promise.all([deep, join(folder, 'a/b'), `${deep}/`, deep].map((path) => makeFolder(path)));
  t.ok((await stat(deep)).isDirectory());
  await makeFolder(deep);
  await writeFile(join(folder, 'file'), '');
  for (const path of ['file', 'file/x', 'file/x/y'])
    await t.rejects(makeFolder(join(folder, path)), {
      code: 'ENOTDIR',
      kind: 'io',
      where: { file: join(folder, 'file') },
    });
  await mkdir(join(folder, 'd'.repeat(200)));
  await t.rejects(makeFolder(join(folder, 'd'.repeat(300), 'x')), { code: 'ENAMETOOLONG', kind: 'io' });
});

const skip = process.platform === 'linux' ? false : 'only Linux has /proc';
t.test('where the system takes no folders, that is an error and no endless try', { skip }, async (t) => {
  await t.rejects(makeFolder('/proc/exrpipe/a'), { code: 'FOLDER_GONE', kind: 'io', where: { file: '/proc/exrpipe' } });
});
