import t from 'tap';
import { loadFilters } from '../../../bin/filters.js';
import { redisUrl, shownUrl, startRedis } from '../../../bin/queue/engine.js';
import { queueOptions } from '../../../bin/queue/options.js';
import { chunkRun, readChain, takeOwn } from '../../../bin/queue/words.js';
import { Reporter } from '../../../bin/terminal/reporter.js';

const session = {
  reporter: new Reporter({ write: () => true }),
  signal: new AbortController().signal,
  plugins: [],
  filters: () => loadFilters(),
};

t.test('options of the queue stand anywhere before two dashes', async (t) => {
  const typed = ['--name', 'a', 'rename', '--add-prefix=--name', '--chunk=5', 'in/', '-o', 'out/', '--', '--name'];
  const filters = await loadFilters();
  const { own, words } = takeOwn(typed, queueOptions, filters);
  t.same(own, [
    { option: 'name', text: 'a' },
    { option: 'chunk', text: '5' },
  ]);
  t.same(words, ['rename', '--add-prefix=--name', 'in/', '-o', 'out/', '--', '--name']);
  t.throws(() => takeOwn(['rename', '--name'], queueOptions, filters), { message: /--name needs a value/ });
  const both = ['--name', 'a', 'matte', '--name', 'hero', 'then', 'rename', '--add-prefix', 'then', '--name=b', 'in/'];
  t.same(takeOwn(both, queueOptions, filters), {
    own: [
      { option: 'name', text: 'a' },
      { option: 'name', text: 'b' },
    ],
    words: ['matte', '--name', 'hero', 'then', 'rename', '--add-prefix', 'then', 'in/'],
  });
});

t.test('a chunk runs as the shot would, but for its frames', async (t) => {
  const words = [
    'rename',
    '--add-prefix',
    'a.',
    'shot.####.exr',
    '-o',
    'out/',
    '--frames',
    '1-9',
    '--jobs',
    '3',
    '--watch',
    '--until',
    '9',
  ];
  const { chain, session: own } = await readChain(words, session);
  const run = chunkRun(chain, { frames: '4-6', count: 3 }, own, {});
  t.match(run, {
    inputs: ['shot.####.exr'],
    output: 'out/',
    frames: '4-6',
    missing: 'skip',
    skipExisting: true,
    jobs: 3,
  });
  t.equal(run.watch, undefined);
  t.match(chunkRun(chain, { inputs: ['a.exr'], count: 1 }, own, { jobs: 1, memory: 100 }), {
    inputs: ['a.exr'],
    frames: '1-9',
    jobs: 1,
    memory: 100,
  });
  const held = await readChain([...words, '--missing', 'hold'], session);
  t.equal(chunkRun(held.chain, { frames: '4', count: 1 }, own, {}).missing, 'hold');
});

t.test('what exrpipe would not run, a worker does not run', async (t) => {
  await t.rejects(readChain(['sh', '-c', 'true'], session), { kind: 'usage', message: /no command or filter "sh"/ });
  await t.rejects(readChain(['rename', '--help'], session), { message: /--help belongs/ });
  await t.rejects(readChain(['run'], session), { kind: 'usage', message: /pipeline file/ });
});

t.test('the address of Redis', async (t) => {
  t.equal(redisUrl('redis://farm01'), 'redis://farm01');
  t.throws(() => redisUrl('farm01'), { message: /is not the address of a Redis/ });
  t.throws(() => redisUrl('http://:secret@farm01'), { message: /^"http:\/\/:\*\*\*@farm01" is not/ });
  t.equal(shownUrl('redis://user:secret@farm01:6379/1'), 'redis://user:***@farm01:6379/1');
  t.match(startRedis('redis://127.0.0.1:6400'), /^redis-server --port 6400 --appendonly yes/);
  t.match(startRedis('redis://127.0.0.1'), /^redis-server --appendonly yes/);
});
