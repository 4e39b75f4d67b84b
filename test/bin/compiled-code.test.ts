import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
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

/** Runs it without what this process has been told about compiled code. */
function start(words: readonly string[], env: NodeJS.ProcessEnv) {
  const { NODE_COMPILE_CACHE: _, NODE_DISABLE_COMPILE_CACHE: __, ...others } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
    env: { ...others, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Files with compiled code: their paths by the command. */
function keptIn(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map(({ name, parentPath }) => [name, join(parentPath, name)]));
}

t.test('what a command has compiled is kept for the next of its name', async (t) => {
  const cache = t.testdir();
  const help = (...words: string[]) => start(['help', ...words], { XDG_CACHE_HOME: cache });
  const first = help('split');
  t.match(first.stdout, /--by/);
  t.strictSame(Object.keys(keptIn(cache)), ['help']);
  const { help: file = '' } = keptIn(cache);
  const code = readFileSync(file);
  const { mtimeMs, ino } = statSync(file);
  t.strictSame(help('split'), first, 'the same with it');
  t.strictSame([statSync(file).mtimeMs, statSync(file).ino], [mtimeMs, ino], 'V8 has accepted it');

  for (const [what, damaged] of Object.entries({
    'of another module': Buffer.concat([Buffer.of((code[0] ?? 0) ^ 1), code.subarray(1)]),
    damaged: Buffer.concat([code.subarray(0, -1), Buffer.of((code.at(-1) ?? 0) ^ 1)]),
    'cut off': code.subarray(0, 1000),
    empty: Buffer.alloc(0),
  })) {
    writeFileSync(file, damaged);
    t.strictSame(help('split'), first, what);
    t.strictSame(readFileSync(file).subarray(0, 4), code.subarray(0, 4), `${what}: is replaced`);
  }
  t.strictSame(Object.keys(keptIn(cache)), ['help'], 'and nothing else is left');
});

t.test('a thread keeps its own while it runs, for others end it', async (t) => {
  const cache = t.testdir();
  const worker = new Worker(new URL('../../cli/bin/worker.js', import.meta.url), {
    env: { NODE_COMPILE_CACHE: cache },
  });
  t.teardown(() => worker.terminate());
  while (!Object.hasOwn(keptIn(cache), 'worker')) await setTimeout(20);
  t.strictSame(Object.keys(keptIn(cache)), ['worker']);
});

t.test('nothing is kept where that is not wanted or does not work', async (t) => {
  const folder = t.testdir({ cache: {}, told: {}, file: 'in the way' });
  const at = (name: string) => join(folder, name);
  const ok = (env: NodeJS.ProcessEnv) => {
    const { status, stdout, stderr } = start(['--version'], { XDG_CACHE_HOME: at('cache'), ...env });
    t.match(stdout, /^\d+\.\d+\.\d+/);
    t.strictSame([status, stderr], [0, '']);
  };
  ok({ NODE_DISABLE_COMPILE_CACHE: '1' });
  ok({ XDG_CACHE_HOME: at('file') });
  t.strictSame(keptIn(at('cache')), {});
  ok({ NODE_COMPILE_CACHE: at('told') });
  t.strictSame(keptIn(at('cache')), {});
  // Node 22 and later keep their own there too.
  t.ok(Object.hasOwn(keptIn(at('told')), '--version'));
  t.equal(start(['split', '--tap'], { XDG_CACHE_HOME: at('cache') }).status, 2);
  t.strictSame(keptIn(at('cache')), {}, 'a command that fails');
});
