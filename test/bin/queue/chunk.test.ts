import fc from 'fast-check';
import t from 'tap';
import { chunkSize, chunkText, cut } from '../../../bin/queue/chunk.js';
import { parseFrames } from '../../../lib/index.js';
import { makeItem } from './support.js';

const pattern = { given: ['shot.####.exr'], joins: false };

t.test('every frame is in one chunk, views and inputs counted one by one', async () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: -50, max: 500 }), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      (frames, size, views) => {
        const items = frames.flatMap((frame) =>
          Array.from({ length: views }, (_, view) => makeItem(frame, `${view}/${frame}.exr`, `${view}`)),
        );
        const chunks = cut(items, pattern, size);
        const found = chunks.flatMap((chunk) => parseFrames(chunk.frames ?? ''));
        const counted = chunks.reduce((sum, { count }) => sum + count, 0);
        return (
          [...found].sort().join() === [...frames].sort().join() &&
          counted === items.length &&
          chunks.every((chunk) => parseFrames(chunk.frames ?? '').length <= size)
        );
      },
    ),
  );
});

t.test('files that have no numbers, or were named one by one, go by name', async (t) => {
  const items = ['a.exr', 'b.exr', 'c.exr'].map((path) => makeItem(undefined, path));
  t.same(cut(items, { given: ['folder/'], joins: false }, 2), [
    { inputs: ['a.exr', 'b.exr'], count: 2 },
    { inputs: ['c.exr'], count: 1 },
  ]);
  const named = [makeItem(1, 'a.0001.exr'), makeItem(1, 'b.0001.exr')];
  t.same(cut(named, { given: ['a.0001.exr', 'b.0001.exr'], joins: false }, 1), [
    { inputs: ['a.0001.exr'], count: 1 },
    { inputs: ['b.0001.exr'], count: 1 },
  ]);
});

t.test('inputs that are joined stay together', async (t) => {
  t.same(cut([makeItem(undefined, 'a.exr')], { given: ['a.exr', 'b.exr'], joins: true }, 1), [{ count: 1 }]);
  t.same(cut([makeItem(4), makeItem(5)], { given: ['a.####.exr', 'b.exr'], joins: true }, 1), [
    { frames: '4', count: 1 },
    { frames: '5', count: 1 },
  ]);
});

t.test('large frames make small chunks, and a shot has some for everybody', async (t) => {
  const size = { total: 100_000, bytes: 1e5, surveys: false };
  t.equal(chunkSize(size), 200);
  t.equal(chunkSize({ ...size, bytes: 100 * 2 ** 20 }), 5);
  t.equal(chunkSize({ ...size, bytes: 2 ** 40 }), 1);
  t.equal(chunkSize({ ...size, total: 240 }), 8);
  t.equal(chunkSize({ ...size, total: 0 }), 1);
  t.equal(chunkSize({ ...size, total: 800, surveys: true }), 100, 'each looks at the whole shot first');
});

t.test('what a chunk is called', async (t) => {
  t.equal(chunkText({ frames: '7', count: 1 }), 'frame 7');
  t.equal(chunkText({ frames: '-7', count: 1 }), 'frame -7');
  t.equal(chunkText({ frames: '1-4', count: 4 }), 'frames 1-4');
  t.equal(chunkText({ inputs: ['a.exr'], count: 1 }), 'a.exr');
  t.equal(chunkText({ inputs: ['a.exr', 'b.exr'], count: 2 }), '2 files');
});
