/** What the program says of files with very many names stays as long as a person reads. */
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
import { validateHeader } from '../../lib/cryptomatte/index.js';
import { settle } from '../../lib/cryptomatte/settle.js';
import { describeError, type FilterStep, type Header } from '../../lib/index.js';
import { firstFew, listed, shortened } from '../../lib/model/listed.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { joined, run } from './support.js';

/** Letters of the longest message. */
const enough = 1100;
const many = 200;

function numbers(count = many): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

const key = (number: number): string => number.toString(16).padStart(7, '0');

/** A part for each rank layer, all metadata in part 0, as Blender 5 writes. */
const blender = makeHeader(
  ...numbers().map((number) => {
    const name = `shot layer ${number}.CryptoObject00`;
    const sets = Object.assign(
      {},
      ...numbers().map((own) =>
        setStrings(key(own), `shot layer ${own}.CryptoObject`, `{"name ${own}":"${key(own)}1"}`),
      ),
    );
    return makePart(layer(name, 'rgba'), number === 0 ? sets : {}, { number, name });
  }),
);

/** Bare channels in parts with layers' names, each part with its own metadata and another colour space. */
const nuke = makeHeader(
  ...numbers().map((number) => {
    const name = `crypto_element_${number}00`;
    const strings = {
      ...setStrings(key(number), name.slice(0, -2), `{"one":"3f8a2c1${number % 10}"}`),
      colorInteropID: `space_${number}`,
    };
    return makePart(
      ['red', 'green', 'blue', 'alpha'].map((component) => ({ name: component })),
      strings,
      { number, name },
    );
  }),
);

/** Cryptomattes without metadata, and metadata without channels. */
const lost = makeHeader(
  ...numbers().map((number) => {
    const name = `pass number ${number}.CryptoMaterial00`;
    return makePart(layer(name, 'rgba'), setStrings(key(number), `gone ${number}.Other`), { number, name });
  }),
);

/** One part with many channels: depth, positions and indices of many layers, and colour. */
const single = makeHeader(
  makePart(
    numbers().flatMap((number) => [
      ...layer(`light ${number}.Position`, 'XYZ'),
      ...layer(`light ${number}.Object Index`, 'X'),
      ...layer(`light ${number}.Combined`, 'RG'),
    ]),
  ),
);

const headers = { blender, nuke, lost, single };

const steps: Readonly<Record<string, () => FilterStep>> = {
  'rename to one name': () => rename({ regex: ['s/.*/a.R/'] }),
  'rename what is not there': () => rename({ map: numbers(60).map((number) => `nothing ${number}=x`) }),
  'rename to empty names': () => rename({ regex: ['s/.*\\.(.)/..\\1/'] }),
  'rename to long names': () => rename({ addPrefix: 'x'.repeat(250) }),
  'rename a preset': () => rename({ preset: 'arnold' }),
  'rename for Nuke': () => rename({ preset: 'nuke' }),
  'pick nothing': () => pick({ layer: ['nowhere'] }),
  'pick what is not there': () => pick({ channel: ['*.R', ...numbers(60).map((number) => `no channel ${number}`)] }),
  'pick a part that is not there': () => pick({ part: numbers(60).map((number) => `no part ${number}`) }),
  'pick pieces': () => pick({ channel: ['*.r', '*.R', 'red'] }),
  'drop everything': () => drop({ channel: ['*'] }),
  'drop pieces': () => drop({ channel: ['*.g', 'green', '*.Y'] }),
  'drop what is not there': () => drop({ layer: numbers(60).map((number) => `no layer ${number}`) }),
  'split by layer': () => split({ by: 'layer' }),
  'split by view layer': () => split({ by: 'view-layer' }),
  'split and strip': () => split({ by: 'layer', stripPrefix: true }),
  'split by part': () => split({ by: 'part' }),
  'compress with loss': () => compress({ to: 'pxr24' }),
  'compress to dwaa': () => compress({ to: 'dwaa' }),
  'compress a part that is not there': () => compress({ to: 'zip', part: ['nowhere'] }),
  'convert to half': () => convert({ to: 'half' }),
  'convert what is not there': () => convert({ to: 'half', only: numbers(60).map((number) => `no channel ${number}`) }),
  'matte without a layer': () => matte({ name: ['*'] }),
  'matte of no name': () => matte({ name: numbers(60).map((number) => `nobody ${number}`) }),
  'matte of no layer': () => matte({ name: ['*'], layer: 'nowhere' }),
  repair: () => repair({}),
  'repair and drop': () => repair({ dropDangling: true } as Parameters<typeof repair>[0]),
  'inject nothing': () => injectManifest({ from: ['donor.exr'], trust: true } as Parameters<typeof injectManifest>[0]),
  'inject where nothing is': () =>
    injectManifest({ from: ['donor.exr'], layer: numbers(60).map((number) => `no layer ${number}`) }),
  'inject another layer': () => injectManifest({ from: ['donor.exr'], donorLayer: 'nowhere' }),
  'inject a sidecar': () => injectManifest({ sidecar: ['names.json'] }),
  'set an attribute': () => setAttribute({ attributes: ['displayWindow=1,2'] }),
  'drop attributes that are not there': () =>
    dropAttribute({ attributes: numbers(60).map((number) => `no attribute ${number}`) }),
  'drop attributes': () => dropAttribute({ attributes: ['*'] }),
  'copy attributes that are not there': () => copyAttributes({ from: 'donor.exr', only: ['nothing'] }),
};

/** Everything a step says: its notices, and the error it ends with. */
async function messages(step: () => FilterStep, header: Header, inputs?: Parameters<typeof run>[2]): Promise<string[]> {
  try {
    const { notices } = await run(step(), header, { ...inputs, files: { 'donor.exr': blender } });
    return notices.map(({ message }) => message);
  } catch (error) {
    return [describeError(error)];
  }
}

for (const [kind, header] of Object.entries(headers))
  t.test(`files with ${kind} names`, async (t) => {
    let said = 0;
    for (const [what, step] of Object.entries(steps))
      for (const message of await messages(step, header)) {
        said += 1;
        if (message.length > enough) t.fail(`${what}: ${message.length} letters: ${message.slice(0, 300)}…`);
      }
    t.ok(said > 20, `${said} messages were looked at`);
  });

t.test('files that are merged', async (t) => {
  let said = 0;
  const copies = { 'a.exr': blender, 'b.exr': blender, 'c.exr': nuke };
  const inputs = Object.fromEntries(
    numbers(300).map((number) => [`in/pass_${number}.exr`, makeHeader(makePart(layer('', 'RGBA')))]),
  );
  for (const [what, files] of Object.entries({ copies, inputs }))
    for (const step of [
      () => merge({}),
      () => merge({ name: '{layer}' }),
      () => merge({ name: 'x'.repeat(250) }),
      () => merge({ as: 'parts' }),
      () => merge({ as: 'parts', name: 'same' }),
    ]) {
      const { header, inputs } = joined(files);
      for (const message of await messages(step, header, { inputs })) {
        said += 1;
        if (message.length > enough) t.fail(`${what}: ${message.length} letters: ${message.slice(0, 300)}…`);
      }
    }
  t.ok(said > 5, `${said} messages were looked at`);
});

t.test('verdicts and reports on outputs', async (t) => {
  let said = 0;
  for (const [kind, header] of Object.entries(headers)) {
    // Commands name all that they change, however much that is.
    const findings = validateHeader(header);
    said += findings.length;
    for (const { rule, message } of findings)
      if (message.length > enough) t.fail(`${kind}, ${rule}: ${message.slice(0, 300)}…`);
    const half = { ...header, parts: header.parts.slice(1) };
    const told: string[] = [];
    const tell = (_code: string, message: string): void => void told.push(message);
    settle(half, header, { warn: tell, note: tell });
    for (const message of told) if (message.length > enough) t.fail(`${kind}: ${message.slice(0, 300)}…`);
  }
  t.ok(said > 5, `${said} verdicts were looked at`);
});

t.test('lists', async (t) => {
  t.equal(listed(['a', 'b']), '"a", "b"');
  t.equal(listed(numbers(7).map(String)), '"0", "1", "2", "3", "4" and 2 more');
  t.equal(listed([]), '');
  t.equal(firstFew(['a', 'b', 'c'], '; ', 2), 'a; b and 1 more');
  t.equal(shortened('abcdefgh', 8), 'abcdefgh');
  t.equal(shortened('abcdefgh', 5), 'ab…gh');
  t.equal(shortened('abcdefgh', 1), '…');
  t.equal(shortened('😀😀😀😀', 5), '😀…😀', 'wide letters count twice, and are not cut in two');
  t.ok(listed(['x'.repeat(10_000)]).length < 100);
});
