/** What holds for what programs see, whatever stands in a header. */
import fc from 'fast-check';
import t from 'tap';
import { type Program, programs } from '../../lib/layers/seen-by/program.js';
import { type Sighting, seenBy, seenChannels, works } from '../../lib/layers/seen-by/seen-by.js';
import { Attributes } from '../../lib/model/attributes.js';
import type { Channel, Header, Part } from '../../lib/model/header.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { madeHeader } from './hostile.js';

t.test('nothing in a header makes reading throw', async () => {
  fc.assert(
    fc.property(madeHeader, fc.constantFrom(...programs), (header, program) => {
      seenChannels(header, program);
      for (const one of seenBy(header, program)) {
        // What is not listed has a reason, and so has what is listed without ranks.
        if (!one.offered || one.ranks.length === 0) return one.problem !== undefined && !works(one);
        if (works(one)) return one.ranks.flat().every(({ type }) => type === 'float');
      }
      return true;
    }),
    { numRuns: 2000 },
  );
});

t.test('every channel that a program shows is one of the header, once', async () => {
  fc.assert(
    fc.property(madeHeader, fc.constantFrom(...programs), (header, program) => {
      const own = new Set(header.parts.flatMap(({ channels }) => channels));
      const seen = seenChannels(header, program).map(({ channel }) => channel);
      return new Set(seen).size === seen.length && seen.every((channel) => own.has(channel));
    }),
  );
});

/** A header with several Cryptomattes as programs write them, each rank in a part of its own or all in one. */
const sound = fc
  .record({
    names: fc.uniqueArray(
      fc.constantFrom('CryptoObject', 'CryptoMaterial', 'ids', 'VL.CryptoAsset', 'VL.ids', 'main_x'),
      {
        minLength: 1,
      },
    ),
    ranks: fc.integer({ min: 1, max: 4 }),
    components: fc.constantFrom(['r', 'g', 'b', 'a'], ['R', 'G', 'B', 'A'], ['red', 'green', 'blue', 'alpha']),
    parts: fc.boolean(),
  })
  .map(({ names, ranks, components, parts }) => {
    const layers = names.flatMap((set) => Array.from({ length: ranks }, (_, rank) => `${set}0${rank}`));
    const strings = Object.assign({}, ...names.map((set, index) => setStrings(`abc${index}`, set, '{}'))) as Record<
      string,
      string
    >;
    const channels = layers.map((one) => layer(one, components));
    const colour = layer('beauty', 'RGBA', 'half');
    if (!parts) return makeHeader(makePart([...colour, ...channels.flat()], strings));
    return makeHeader(
      makePart(colour, strings, { name: 'beauty' }),
      ...channels.map((own, index) => makePart(own, {}, { name: layers[index], number: index + 1 })),
    );
  });

/** Blender before 4.5 looks in one layer only, so that Cryptomattes in several layers hide each other. */
const impartial = programs.filter((program) => program !== 'blender3');

function summary(sightings: readonly Sighting[]): string[] {
  return sightings
    .map(({ set, name, ranks, problem }) => {
      const layers = ranks.map((rank) => rank.map((channel) => channel.name).join()).sort();
      return JSON.stringify([set.key, set.name, name, layers, problem?.code]);
    })
    .sort();
}

t.test('sound Cryptomattes work, in parts too where a program reads parts', async () => {
  const single: readonly Program[] = ['fusion', 'arnold', 'after-effects'];
  fc.assert(
    fc.property(sound, fc.constantFrom(...impartial), (header, program) => {
      const seen = seenBy(header, program);
      return header.parts.length > 1 && single.includes(program) ? !seen.some(works) : seen.every(works);
    }),
  );
});

t.test('the order of attributes does not matter', async () => {
  fc.assert(
    fc.property(
      fc.oneof(madeHeader, sound),
      fc.constantFrom(...programs),
      fc.infiniteStream(fc.nat()),
      (header, program, keys) => {
        const shuffled = withParts(
          header,
          header.parts.map((part) => ({ ...part, attributes: new Attributes(shuffle([...part.attributes], keys)) })),
        );
        return same(summary(seenBy(header, program)), summary(seenBy(shuffled, program)));
      },
    ),
  );
});

t.test('the order of the parts after the first one does not matter', async () => {
  fc.assert(
    fc.property(sound, fc.constantFrom(...impartial), fc.infiniteStream(fc.nat()), (header, program, keys) => {
      const [first, ...others] = header.parts as [Part, ...Part[]];
      const shuffled = withParts(header, [first, ...shuffle(others, keys)]);
      return same(summary(seenBy(header, program)), summary(seenBy(shuffled, program)));
    }),
  );
});

function withParts(header: Header, parts: readonly Part[]): Header {
  return { ...header, parts };
}

function shuffle<Item>(items: readonly Item[], keys: Iterator<number>): Item[] {
  return items
    .map((item) => ({ item, key: Number(keys.next().value) }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A header whose channels count how often their names are read. */
function counting(parts: readonly Part[]): { readonly header: Header; readonly reads: () => number } {
  let reads = 0;
  const counted = parts.map((part) => ({
    ...part,
    channels: part.channels.map((channel): Channel => {
      const { name, ...others } = channel;
      return {
        ...others,
        get name() {
          reads++;
          return name;
        },
      };
    }),
  }));
  return { header: makeHeader(...counted), reads: () => reads };
}

/** Many parts of four channels, with a Cryptomatte for every few of them. */
function manyParts(count: number): Part[] {
  const sets = Array.from({ length: count / 8 }, (_, index) => setStrings(index.toString(36), `VL${index}.ids`, '{}'));
  const strings = Object.assign({}, ...sets) as Record<string, string>;
  return Array.from({ length: count }, (_, index) => {
    const name = `VL${index >> 3}.ids0${index & 7}`;
    return makePart(layer(name, 'rgba'), index === 0 ? strings : {}, { name, number: index });
  });
}

/** One layer with many ranks, which many keys claim by the same name and by names that begin it. */
function manyClaims(count: number): Part[] {
  const layers = Array.from({ length: count }, (_, index) =>
    layer(`ids${String(index).padStart(5, '0')}`, 'rgba'),
  ).flat();
  const sets = Array.from({ length: count }, (_, index) =>
    setStrings(index.toString(36), 'ids'.slice(0, 1 + (index % 3)), '{}'),
  );
  return [makePart(layers, Object.assign({}, ...sets) as Record<string, string>)];
}

t.test('reading is linear in the channels and the Cryptomattes', async (t) => {
  for (const [what, make] of [
    ['parts', manyParts],
    ['claims', manyClaims],
  ] as const)
    for (const program of programs) {
      const [small, large] = [1024, 4096].map((size) => {
        const { header, reads } = counting(make(size));
        seenBy(header, program);
        return reads();
      }) as [number, number];
      t.ok(large <= 4.2 * small, `${program}, ${what}: ${small} and ${large} names read`);
      t.ok(small > 0, 'names are read at all');
    }
});
