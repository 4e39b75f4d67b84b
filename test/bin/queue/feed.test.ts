import t from 'tap';
import { feed, isKnown } from '../../../bin/queue/feed.js';
import type { Item, ItemSource } from '../../../lib/program.js';
import { makeItem } from './support.js';

/** A source of frames that are all there, or that never come. */
function source(frames: readonly number[], ends = true): ItemSource {
  const left = frames.map((frame) => makeItem(frame));
  return { waiting: [], next: async () => left.shift() ?? (ends ? undefined : new Promise<undefined>(() => {})) };
}

t.test('frames that are there go in groups', async (t) => {
  const given: (number | undefined)[][] = [];
  const give = async (items: readonly Item[]) => void given.push(items.map(({ frame }) => frame));
  await feed(source([1, 2, 3, 4, 5]), 2, give, new AbortController().signal);
  t.same(given, [[1, 2], [3, 4], [5]]);
});

t.test('a group does not wait for frames that do not come', async (t) => {
  const controller = new AbortController();
  const given: (number | undefined)[][] = [];
  const fed = new Promise<void>((resolve) => {
    const give = async (items: readonly Item[]) => {
      given.push(items.map(({ frame }) => frame));
      resolve();
    };
    void feed(source([1, 2], false), 8, give, controller.signal);
  });
  await fed;
  t.same(given, [[1, 2]]);
  controller.abort();
});

t.test('what a shot has already', async (t) => {
  const known = isKnown([
    { frames: '1-3', count: 3 },
    { inputs: ['a.exr'], count: 1 },
  ]);
  t.ok(known(makeItem(2)));
  t.ok(known(makeItem(undefined, 'a.exr')));
  t.notOk(known(makeItem(4)));
  t.notOk(known(makeItem(2, 'shot.2.exr', 'L')), 'another view may be new');
});
