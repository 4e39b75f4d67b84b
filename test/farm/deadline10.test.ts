import t from 'tap';
import { deadline } from '../../lib/farm/deadline10.js';
import type { FarmJob } from '../../lib/farm/job.js';
import { makeJob } from './jobs.js';

function emit(changes: Partial<FarmJob> = {}): Map<string, string> {
  return new Map(deadline.emit(makeJob(changes), { plain: false }).files.map(({ name, text }) => [name, text]));
}

t.test('a task is a number, and exrpipe knows which frames those are', async (t) => {
  const files = emit({ frames: [-2, -1, 0, 5, 7, 9, 11] });
  t.match(files.get('frames.job'), /^Frames=1-3$/m);
  t.match(files.get('frames.job'), /^ChunkSize=1$/m);
  t.match(
    files.get('frames.plugin'),
    `Arguments=farm-task <STARTFRAME>/3 --frames -2-0,5-11x2 -- inject-manifest --from /prod/it's.exr "--add-prefix=a b" -o /prod/out/{layer}/lost.####.exr`,
  );
  t.strictSame(
    [...files.keys()].sort(),
    ['check', 'frames', 'report'].flatMap((name) => [`${name}.job`, `${name}.plugin`]),
  );
});

t.test('words are quoted as programs take arguments apart', async (t) => {
  const text = emit({ chain: ['a "b"', 'c\\', 'd e\\', ''] }).get('frames.plugin');
  t.match(text, String.raw`-- "a \"b\"" c\ "d e\\" "" --skip-existing`);
});

t.test('what Deadline would replace or break at is refused', async (t) => {
  t.throws(() => emit({ chain: ['<STARTFRAME>'] }), { code: 'BAD_FARM_JOB' });
  t.throws(() => emit({ chain: ['a <QUOTE> b'] }), { code: 'BAD_FARM_JOB' });
  t.throws(() => emit({ chain: ['two\nlines'] }), { code: 'BAD_FARM_JOB' });
});
