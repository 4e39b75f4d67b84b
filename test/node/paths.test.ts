import { posix, win32 } from 'node:path';
import t from 'tap';
import { isInside } from '../../lib/node/paths.js';

t.test('what is in a folder of Windows', async (t) => {
  for (const [path, folder, inside] of [
    ['C:\\shots\\a.exr', 'C:\\shots', true],
    ['c:\\SHOTS\\deep\\a.exr', 'C:\\shots', true],
    ['C:/shots/a.exr', 'C:\\shots\\', true],
    ['C:\\shots\\..a.exr', 'C:\\shots', true],
    ['C:\\shots', 'C:\\shots', false],
    ['C:\\shots2\\a.exr', 'C:\\shots', false],
    ['C:\\a.exr', 'C:\\shots', false],
    ['D:\\shots\\a.exr', 'C:\\shots', false],
    ['\\\\server\\share\\shots\\a.exr', '\\\\server\\share\\shots', true],
    ['\\\\other\\share\\shots\\a.exr', '\\\\server\\share\\shots', false],
    [`C:\\${'deep\\'.repeat(80)}a.exr`, 'C:\\deep', true],
  ] as const)
    t.equal(isInside(path, folder, win32), inside, `${path} in ${folder}`);
});

t.test('what is in a folder elsewhere', async (t) => {
  for (const [path, folder, inside] of [
    ['/shots/a.exr', '/shots', true],
    ['/shots/..a/b.exr', '/shots', true],
    ['/SHOTS/a.exr', '/shots', false],
    ['/shots', '/shots', false],
    ['/shots2/a.exr', '/shots', false],
    ['/shots\\a.exr', '/shots', false],
  ] as const)
    t.equal(isInside(path, folder, posix), inside, `${path} in ${folder}`);
});
