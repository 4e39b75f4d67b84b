import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { cacheFolder } from '../../bin/terminal/compiled-code.js';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));

t.test('compiled code is kept where the system keeps what can be made again', async (t) => {
  t.equal(cacheFolder('linux', {}, '/home/ada'), join('/home/ada', '.cache', 'exrpipe'));
  t.equal(cacheFolder('linux', { XDG_CACHE_HOME: '/fast' }, '/home/ada'), join('/fast', 'exrpipe'));
  t.equal(cacheFolder('darwin', {}, '/Users/ada'), join('/Users/ada', 'Library', 'Caches', 'exrpipe'));
  t.equal(cacheFolder('win32', {}, '/ada'), join('/ada', 'AppData', 'Local', 'exrpipe'));
  t.equal(cacheFolder('win32', { LOCALAPPDATA: '/local' }, '/ada'), join('/local', 'exrpipe'));
  t.equal(cacheFolder('linux', {}, undefined), undefined);
});

t.test('the program keeps it where Node can, and runs wherever it cannot', async (t) => {
  const folder = t.testdir({ cache: {}, file: 'in the way' });
  const version = (env: NodeJS.ProcessEnv) => {
    const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...others } = process.env;
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, '--version'], {
      env: { ...others, ...env },
      encoding: 'utf8',
    });
    t.match(stdout, /^\d+\.\d+\.\d+/);
    t.strictSame([status, stderr], [0, '']);
  };
  const kept = () => readdirSync(join(folder, 'cache'));
  version({ XDG_CACHE_HOME: join(folder, 'cache'), NODE_DISABLE_COMPILE_CACHE: '1' });
  t.strictSame(kept(), []);
  version({ XDG_CACHE_HOME: join(folder, 'file') });
  version({ XDG_CACHE_HOME: join(folder, 'cache') });
  t.strictSame(kept(), 'enableCompileCache' in nodeModule ? ['exrpipe'] : []);
});
