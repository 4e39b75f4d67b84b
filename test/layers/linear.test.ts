/** Every step's work grows with the file: counted, since clocks tell about machines. */
import t from 'tap';
import {
  compress,
  convert,
  copyAttributes,
  drop,
  dropAttribute,
  injectManifest,
  matte,
  merge,
  pick,
  rename,
  repair,
  setAttribute,
  split,
} from '../../filters/index.js';
import type { Channel, FilterStep, Header } from '../../lib/index.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { run } from '../filters/support.js';

/** Parts of four channels: for every eight of them a Cryptomatte, or none is known. */
function manyParts(count: number, hasMetadata: boolean): Header {
  const sets = Array.from({ length: count / 8 }, (_, index) =>
    setStrings(index.toString(16).padStart(7, '0'), `VL${index}.CryptoObject`, '{"a":"0000000a"}'),
  );
  const owner = { owner: 'me' };
  const strings = hasMetadata ? (Object.assign({}, owner, ...sets) as Record<string, string>) : owner;
  return makeHeader(
    ...Array.from({ length: count }, (_, number) => {
      const name = `VL${number >> 3}.CryptoObject0${number & 7}`;
      return makePart(layer(name, 'rgba'), number === 0 ? strings : {}, { name, number });
    }),
  );
}

/** The header with every reading of a name counted, of channels, of parts and of lists of channels and parts. */
function counted(header: Header): { readonly header: Header; readonly reads: () => number } {
  let reads = 0;
  const count = <Value extends object>(value: Value, field: keyof Value): Value => {
    const held = value[field];
    return Object.defineProperty({ ...value }, field, {
      enumerable: true,
      get: () => {
        reads++;
        return held;
      },
    });
  };
  const parts = header.parts.map((part) => ({
    ...part,
    channels: part.channels.map((channel): Channel => count(channel, 'name')),
  }));
  return {
    header: { ...header, parts: parts.map((part) => count(count(part, 'name'), 'channels')) },
    reads: () => reads,
  };
}

const steps: Readonly<Record<string, FilterStep>> = {
  'rename --map': rename({ map: ['VL1=main', 'VL2.CryptoObject=hero'] }),
  'rename --regex': rename({ regex: ['s/Object/x/'] }),
  'rename --add-prefix': rename({ addPrefix: 'a.' }),
  'rename --preset': rename({ preset: 'nuke', fromPreset: 'blender' }),
  repair: repair({}),
  'split --by view-layer': split({ by: 'view-layer' }),
  'split --by layer': split({ by: 'layer', stripPrefix: true }),
  'split --by part': split({ by: 'part' }),
  'merge --as single': merge({}),
  'merge --as parts': merge({ as: 'parts', name: '{layer}' }),
  'pick --layer': pick({ layer: ['*.CryptoObject'] }),
  'pick --part': pick({ part: ['VL?.*'] }),
  'drop --layer': drop({ layer: ['VL1'] }),
  'drop --channel': drop({ part: ['VL1.*'], channel: ['*'] }),
  convert: convert({ to: 'half' }),
  'convert --only': convert({ to: 'half', only: ['VL1', 'nothing'] }),
  compress: compress({ to: 'piz' }),
  matte: matte({ name: ['a'], layer: 'VL1.CryptoObject' }),
  'set-attribute': setAttribute({ attributes: ['owner=me'] }),
  'drop-attribute': dropAttribute({ attributes: ['owner'] }),
  'copy-attributes': copyAttributes({ from: 'donor.exr' }),
  'inject-manifest': injectManifest({ from: ['donor.exr'], noVerify: true }),
};

for (const [name, step] of Object.entries(steps))
  t.test(`the work of ${name} grows with the parts`, async (t) => {
    for (const hasMetadata of [true, false]) {
      const work: number[] = [];
      // 4,096 parts show the same, and take their time to make.
      for (const size of [256, 1024]) {
        const { header, reads } = counted(manyParts(size, hasMetadata));
        const donor = counted(manyParts(size, true));
        await run(step, header, { files: { 'donor.exr': donor.header } }).catch((error: unknown) => {
          // Without names there is none to take.
          if (hasMetadata) throw error;
        });
        work.push(reads() + donor.reads());
      }
      const [small, large] = work as [number, number];
      t.ok(large <= 4.2 * small, `${hasMetadata ? 'with' : 'without'} metadata: ${small} and ${large} readings`);
    }
  });
