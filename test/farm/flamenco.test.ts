/** Job types, parsed as JavaScript of 2009 and compiled by what stands for Flamenco's manager. */
import fc from 'fast-check';
import t from 'tap';
import { flamenco } from '../../lib/farm/flamenco.js';
import type { FarmJob } from '../../lib/farm/job.js';
import { compile } from './flamenco-manager.js';
import { makeJob } from './jobs.js';

function scripts(changes: Partial<FarmJob> = {}): string[] {
  return flamenco.emit(makeJob(changes), { plain: false }).files.map(({ text }) => text);
}

t.test('frames that exist: a task for each chunk, then the check, then the report', async (t) => {
  const [script = ''] = scripts();
  const { tasks } = compile(script);
  t.strictSame(
    tasks.map(({ name }) => name),
    [...Array.from({ length: 8 }, (_, at) => `frames-${at * 3 + 1}-${at * 3 + 3}`), 'check', 'report'],
  );
  t.strictSame(tasks[1]?.commands, [
    {
      name: 'exec',
      parameters: {
        exe: 'exrpipe',
        args: [
          ...[
            'inject-manifest',
            '--from',
            "/prod/it's.exr",
            '--add-prefix=a b',
            '-o',
            '/prod/out/{layer}/lost.####.exr',
          ],
          ...['--frames', '4-6', '--skip-existing', '--report', '/jobs/a b/reports/', '/prod/my shot/lost.####.exr'],
        ],
      },
    },
  ]);
  t.strictSame(tasks.at(-2)?.after.length, 8);
  t.strictSame(tasks.at(-1)?.after, ['check']);
});

t.test('render, then exrpipe: each chunk waits for its render', async (t) => {
  const [, script = ''] = scripts();
  const { tasks } = compile(script, { blendfile: '/prod/shot.blend', frames: '10-13, 20', chunk_size: 2 });
  t.strictSame(
    tasks.map(({ name, type, after }) => [name, type, after]),
    [
      ['render-10-11', 'blender', []],
      ['frames-10-11', 'misc', ['render-10-11']],
      ['render-12-13', 'blender', []],
      ['frames-12-13', 'misc', ['render-12-13']],
      ['render-20', 'blender', []],
      ['frames-20', 'misc', ['render-20']],
      ['check', 'misc', ['frames-10-11', 'frames-12-13', 'frames-20']],
      ['report', 'misc', ['check']],
    ],
  );
  t.strictSame(tasks[0]?.commands[0]?.parameters.args, [
    ...[
      '--render-output',
      '/prod/my shot/lost.####',
      '--render-format',
      'OPEN_EXR_MULTILAYER',
      '--render-frame',
      '10..11',
    ],
  ]);
});

t.test('frames with steps are told one by one, since the manager knows no steps', async (t) => {
  const [script = ''] = scripts({ frames: [1, 3, 5, 7, 8, 9], framesPerTask: 4 });
  t.strictSame(
    compile(script).tasks.map(({ name }) => name),
    ['frames-1,3,5,7', 'frames-8-9', 'check', 'report'],
  );
  t.throws(() => scripts({ frames: [-1, 0, 1] }), { code: 'NEGATIVE_FRAME' });
});

t.test('an input that Blender cannot render to has no job type that renders', async (t) => {
  const names = ['shot.%04d.exr', 'shot.{frame}.exr', '%V/shot.####.exr', 'shot.####.##.exr', ''];
  for (const pattern of names) {
    const { files } = makeJob();
    const changed = files.map((file) => (file.key === 'Input' ? { ...file, pattern } : file));
    t.equal(scripts({ files: changed }).length, 1, pattern);
  }
});

t.test('whatever a word is, the task gets it', async (t) => {
  const word = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u2028', '*/', '</script>', '`a`', '\\', '"'));
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), fc.string({ unit: 'binary' }), (chain, command) => {
        const [script = ''] = scripts({ chain, command });
        const args = compile(script).tasks[0]?.commands[0]?.parameters.args ?? [];
        if (JSON.stringify(args.slice(0, chain.length)) !== JSON.stringify(chain))
          throw new Error(JSON.stringify(args));
      }),
      { numRuns: 50 },
    ),
  );
});
