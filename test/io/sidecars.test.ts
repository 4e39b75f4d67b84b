/** Side files are looked at before they are read: an image from a stranger names them. */
import { execFileSync } from 'node:child_process';
import { cp, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readSidecar, readSideFile } from '../../lib/node/side-file.js';
import { fixturePath, temporaryFolder } from '../support.js';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

t.test('a sidecar is a regular file in the folder of its image', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (...names: string[]): string => join(folder, ...names);
  for (const name of ['shots', 'shots/names', 'store', 'links']) await mkdir(at(name));
  await writeFile(at('secret.json'), 'secret');
  await writeFile(at('shots/a.json'), 'a');
  await writeFile(at('shots/names/b.json'), 'b');
  await writeFile(at('store/hero.exr'), '');
  await writeFile(at('store/hero.json'), 'hero');
  await symlink('a.json', at('shots/inside.json'));
  await symlink('../secret.json', at('shots/outside.json'));
  await symlink('..', at('shots/up'));
  await symlink('/dev/zero', at('shots/zero.json'));
  await mkdir(at('shots/folder.json'));
  execFileSync('mkfifo', [at('shots/pipe.json')]);
  await symlink('../store/hero.exr', at('links/hero.exr'));
  await symlink('../store/hero.json', at('links/hero.json'));
  await symlink('../secret.json', at('links/secret.json'));
  const image = at('shots/hero.exr');
  t.equal(text(await readSidecar(image, 'a.json')), 'a');
  t.equal(text(await readSidecar(image, 'names/b.json')), 'b');
  t.equal(text(await readSidecar(image, 'inside.json')), 'a', 'a link that stays there');
  t.equal(text(await readSidecar(at('links/hero.exr'), 'hero.json')), 'hero', 'beside the real image');
  const refused = {
    'outside.json': 'SIDECAR_OUTSIDE',
    'up/secret.json': 'SIDECAR_OUTSIDE',
    'zero.json': 'SIDECAR_OUTSIDE',
    'folder.json': 'NOT_A_FILE',
    'pipe.json': 'NOT_A_FILE',
    'gone.json': 'ENOENT',
    '../secret.json': 'BAD_SIDECAR_NAME',
  };
  for (const [name, code] of Object.entries(refused)) await t.rejects(readSidecar(image, name), { code }, name);
  await t.rejects(readSidecar(at('links/hero.exr'), 'secret.json'), { code: 'SIDECAR_OUTSIDE' });
  // Beside the current folder, as for an image that comes through stdin.
  await t.rejects(readSidecar('-', 'no-such-file.json'), { code: 'ENOENT' });
});

t.test('no side file is read without limit', async (t) => {
  const folder = await temporaryFolder(t);
  const large = join(folder, 'large.json');
  await writeFile(large, '');
  await truncate(large, (256 << 20) + 1);
  await t.rejects(readSideFile(large), { code: 'FILE_TOO_LARGE', kind: 'limit', where: { file: large } });
  await t.rejects(readSidecar(join(folder, 'x.exr'), 'large.json'), { code: 'FILE_TOO_LARGE', kind: 'limit' });
  await t.rejects(readSideFile('/dev/zero'), { code: 'FILE_TOO_LARGE', kind: 'limit' }, 'a device that never ends');
  await cp(fixturePath('reference/digests.tsv'), join(folder, 'small'));
  t.ok((await readSideFile(join(folder, 'small'))).length > 0);
});
