/** What holds for the model of layers, whoever wrote the file. */
import fc from 'fast-check';
import t from 'tap';
import { merge, split } from '../../filters/index.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import { Attributes, type Channel, type Header, isExrError } from '../../lib/index.js';
import {
  guardedChannels,
  headerSets,
  orphanGroups,
  placesOf,
  respell,
  viewLayersOf,
  viewsOf,
} from '../../lib/layers/index.js';
import { advance, originOf, runChain, type Stage, sketches, start, write } from './chains.js';
import { hostileHeader } from './hostile.js';
import { layouts, unproved } from './layouts.js';
import { runs } from './runs.js';

t.test('property: the same names written again are the same header, byte for byte', async () => {
  fc.assert(
    fc.property(layouts, ({ header }) => {
      const same = respell(header, { channel: (name) => name, part: (name) => name });
      const all = header.parts.flatMap(({ channels }) => channels);
      const places = [...placesOf(header).keys()];
      return (
        Buffer.compare(writeHeader(same), writeHeader(header)) === 0 &&
        places.length === all.length &&
        all.every((channel) => placesOf(header).has(channel))
      );
    }),
    runs(),
  );
});

/** All that is read off a header, channel by channel and set by set, in no order. */
function reading(header: Header): string {
  const places = new Map<Channel, unknown>();
  for (const [channel, { layer, viewLayer, view, component, speltBy }] of placesOf(header))
    places.set(channel, [layer, viewLayer, view, component, speltBy, guardedChannels(header).get(channel)]);
  const id = ({ plane }: Channel): string => JSON.stringify(plane);
  const channels = [...places].map(([channel, place]) => `${id(channel)} ${JSON.stringify(place)}`).sort();
  const sets = headerSets(header).map(({ key, name, fit, layers }) => {
    const ranks = layers.map(({ view, text, channels: own }) => `${view} ${text} ${own.map(id)}`).sort();
    return JSON.stringify([key, name, fit, ranks]);
  });
  const orphans = orphanGroups(header).map(
    ({ name, layers }) => `${name} ${layers.map(({ channels: own }) => own.map(id))}`,
  );
  return JSON.stringify([channels, sets.sort(), orphans.sort(), viewLayersOf(header).sort(), viewsOf(header).sort()]);
}

t.test('property: the order of parts and attributes means nothing', async () => {
  fc.assert(
    fc.property(layouts, fc.infiniteStream(fc.nat()), ({ header }, keys) => {
      const shuffle = <Item>(items: Iterable<Item>): Item[] =>
        [...items]
          .map((item) => ({ item, key: Number(keys.next().value) }))
          .sort((a, b) => a.key - b.key)
          .map(({ item }) => item);
      const parts = shuffle(header.parts).map((part) => ({
        ...part,
        attributes: new Attributes(shuffle(part.attributes)),
      }));
      return reading({ ...header, parts }) === reading(header);
    }),
    runs(),
  );
});

t.test('property: without evidence there is no view layer and no view', async () => {
  fc.assert(
    fc.property(unproved, (header) => viewLayersOf(header).length === 0 && viewsOf(header).length === 0),
    runs(),
  );
});

/** Layer, view and component of each plane. */
function names(header: Header, stage: Stage): Map<string, string> {
  return new Map(
    [...placesOf(header).values()].map(({ channel, layer, view, component }) => [
      originOf(channel, stage) ?? 'computed',
      `${view}|${layer}|${component}`,
    ]),
  );
}

t.test('property: parts become one and go apart again with the same names and planes', async () => {
  let parted = 0;
  await fc.assert(
    fc.asyncProperty(layouts, async ({ header }) => {
      // What tells the views apart is in the parts alone; "merge --name '{view}'" is another question.
      fc.pre(header.parts.length > 1 && viewsOf(header).length === 0);
      const before = names(header, start(header));
      const single = await advance(start(header), merge({ as: 'single' }));
      // Two parts may have the same layer, as two main layers.
      if (isExrError(single)) return single.code === 'CHANNELS_CLASH';
      const [one] = write(single).files as [Header];
      const apart = await advance(single, split({ by: 'layer' }));
      if (isExrError(apart)) return false;
      const [again] = write(apart).files as [Header];
      parted += again.parts.length > 1 ? 1 : 0;
      return [names(one, single), names(again, apart)].every(
        (after) => after.size === before.size && [...before].every(([plane, name]) => after.get(plane) === name),
      );
    }),
    runs(),
  );
  t.ok(parted > 0);
});

t.test('property: one part goes apart and becomes one again, its channels called as before', async () => {
  await fc.assert(
    fc.asyncProperty(layouts, async ({ header }) => {
      fc.pre(header.parts.length === 1 && viewsOf(header).length === 0);
      const apart = await advance(start(header), split({ by: 'layer' }));
      if (isExrError(apart)) return false;
      const single = await advance(apart, merge({ as: 'single' }));
      if (isExrError(single)) return false;
      const channels = (one: Header): string[] => one.parts.flatMap((part) => part.channels.map(({ name }) => name));
      return JSON.stringify(channels(single.header)) === JSON.stringify(channels(header));
    }),
    runs(),
  );
});

t.test('property: nothing in a header makes any step throw anything but an ExrError', async () => {
  await fc.assert(
    fc.asyncProperty(hostileHeader, sketches(undefined, 3), fc.boolean(), async (header, chain, apart) => {
      const { stage } = await runChain(header, chain);
      try {
        for (const file of write(stage, apart ? '{layer}.exr' : undefined).files) writeHeader(file);
      } catch (error) {
        if (!isExrError(error)) throw error;
      }
    }),
    runs(2),
  );
});
