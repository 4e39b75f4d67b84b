/** What the planner decides, and what it refuses. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { mattePlane } from '../../lib/cryptomatte/index.js';
import type { ChunkSource } from '../../lib/engine/document.js';
import { joinDocuments } from '../../lib/engine/join.js';
import { schedule } from '../../lib/engine/schedule.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import {
  type Channel,
  type Compression,
  defineFilter,
  type Header,
  isArrived,
  isExrError,
  makePlan,
  type Part,
  runFrame,
  sortChannels,
  sourcePlanes,
} from '../../lib/index.js';
import { fixture, fixturePath, temporaryFolder } from '../support.js';

function header(name: string): Header {
  return parseHeader(fixture(name)).header;
}

/** The plan for the parts after a change to each, as method or error code. */
function plan(arrived: Header, change: (part: Part) => Part, options: Parameters<typeof makePlan>[2] = {}): string {
  try {
    const made = makePlan({ ...arrived, parts: arrived.parts.map(change) }, arrived, options);
    return made.map(({ method }) => method).join(' ');
  } catch (error) {
    return isExrError(error) ? error.code : String(error);
  }
}

const renamed = (part: Part, name: (old: string) => string): Part => ({
  ...part,
  channels: sortChannels(part.channels.map((channel) => ({ ...channel, name: name(channel.name) }))),
});
/** The same with many columns: wide enough for splicing to pay. */
function wide(head: Header): Header {
  return {
    ...head,
    parts: head.parts.map((part) => ({
      ...part,
      dataWindow: { ...part.dataWindow, xMax: part.dataWindow.xMin + 16383 },
    })),
  };
}
const as = (compression: Compression) => (part: Part) => ({ ...part, compression });

t.test('what passes, what moves and what is coded', async (t) => {
  const zip = wide(header('reference/scan_zip.exr'));
  t.equal(
    plan(zip, (part) => part),
    'forward',
  );
  t.equal(
    plan(zip, (part) => renamed(part, (name) => `x.${name}`)),
    'forward',
    'a rename that keeps the order',
  );
  t.equal(
    plan(zip, (part) => renamed(part, (name) => (name === 'A' ? 'Zz' : name))),
    'splice',
    'one that does not',
  );
  t.equal(
    plan(zip, (part) => ({ ...part, channels: part.channels.slice(2) })),
    'splice',
    'channels dropped',
  );
  t.equal(plan(zip, as('zips')), 'transcode', 'another codec');
  t.equal(
    plan(zip, (part) => ({ ...part, dataWindow: { ...part.dataWindow, yMax: 40 } })),
    'transcode',
    'another window',
  );
  t.equal(
    plan(zip, (part) => ({ ...part, channels: part.channels.map((c): Channel => ({ ...c, type: 'float' })) })),
    'transcode',
  );
  t.equal(
    plan(zip, (part) => ({ ...part, lineOrder: 'decreasing' })),
    'splice',
    'chunks in another order',
  );
  t.equal(
    plan(zip, (part) => ({ ...part, channels: part.channels.map((c) => ({ ...c, plane: { part: 0, index: 0 } })) })),
    'transcode',
    'one plane many times, with types it does not have',
  );
  const narrow = header('reference/scan_zip.exr');
  t.equal(
    plan(narrow, (part) => ({ ...part, channels: part.channels.slice(2) })),
    'transcode',
    'channels dropped where lines are short',
  );
  const parts = wide(header('reference/parts.exr'));
  t.equal(
    plan(parts, (part) => part),
    'forward forward forward forward',
  );
  t.equal(
    plan(parts, (part) => ({ ...part, channels: part.channels.slice(-1) })),
    'transcode forward splice repack',
  );
});

t.test('a rename there and back again cancels', async (t) => {
  const zip = header('reference/scan_zip.exr');
  const turned = (name: string) => [...name].toReversed().join('');
  t.equal(
    plan(zip, (part) => renamed(renamed(part, turned), turned)),
    'forward',
  );
});

t.test('DWA: names decide how channels are coded', async (t) => {
  const dwa = header('reference/scan_dwaa.exr');
  t.equal(
    plan(dwa, (part) => renamed(part, (name) => `x.${name}`)),
    'forward',
    'components stay',
  );
  t.equal(
    plan(dwa, (part) => renamed(part, (name) => (name === 'R' ? 'S' : name))),
    'splice',
    'a component changes: the chunks must say so',
  );
  t.equal(
    plan(dwa, (part) => ({ ...part, channels: part.channels.filter(({ name }) => name !== 'G') })),
    'LOSSY_TO_LOSSY',
    'R, G and B are coded together',
  );
  t.equal(
    plan(dwa, (part) => ({ ...part, channels: part.channels.filter(({ name }) => name !== 'G') }), {
      allowLossy: true,
    }),
    'transcode',
  );
  t.equal(
    plan(dwa, (part) => ({ ...part, channels: part.channels.filter(({ name }) => name !== 'Z') })),
    'splice',
  );
});

t.test('quality is never lost in silence', async (t) => {
  const b44 = header('reference/scan_b44.exr');
  t.equal(plan(b44, as('dwaa')), 'LOSSY_TO_LOSSY');
  t.equal(plan(b44, as('dwaa'), { allowLossy: true }), 'transcode');
  t.equal(plan(b44, as('zip')), 'transcode', 'to a lossless codec is no loss');
  const zip = header('reference/scan_zip.exr');
  t.equal(plan(zip, as('dwaa')), 'LOSSLESS_TO_LOSSY');
  t.equal(
    plan(zip, (part) => ({ ...part, compression: 'dwaa', codecChosen: true })),
    'transcode',
  );
  const pxr24 = header('reference/scan_pxr24.exr');
  t.equal(
    plan(pxr24, (part) => ({ ...part, dataWindow: { ...part.dataWindow, yMax: 30 } })),
    'transcode',
    '24-bit floats stay what they are',
  );
});

t.test('Cryptomatte IDs pass no lossy codec and no half, whoever asks', async (t) => {
  const crypto = header('blender/b2_main_dot.0001.exr');
  const chosen = (compression: Compression) => (part: Part) => ({ ...part, compression, codecChosen: true });
  for (const codec of ['pxr24', 'dwaa', 'dwab'] as const)
    t.equal(plan(crypto, chosen(codec), { allowLossy: true }), 'CRYPTOMATTE_LOSSY', codec);
  t.equal(plan(crypto, chosen('b44')), 'transcode', 'B44 leaves float alone');
  t.equal(
    plan(crypto, (part) => ({ ...part, channels: part.channels.map((c): Channel => ({ ...c, type: 'half' })) })),
    'CRYPTOMATTE_NOT_FLOAT',
  );
  const lost = header('blender/b3_lost_sepcomb.0001.exr');
  t.equal(plan(lost, chosen('dwaa'), { allowLossy: true }), 'CRYPTOMATTE_LOSSY', 'also where their metadata is lost');
});

t.test('deep parts', async (t) => {
  const deep = header('reference/deep_scan_zips.exr');
  t.equal(plan(deep, as('rle')), 'repack');
  t.equal(plan(deep, as('zip')), 'NO_DEEP_CODEC');
  t.equal(
    plan(deep, (part) => ({ ...part, dataWindow: { ...part.dataWindow, yMax: 30 } })),
    'DEEP_UNSUPPORTED',
  );
});

t.test('what a hostile merge could ask for meets the limits', async (t) => {
  const zip = header('reference/scan_zip.exr');
  t.equal(
    plan(zip, (part) => ({ ...part, dataWindow: { xMin: -(2 ** 29), yMin: 0, xMax: 2 ** 29, yMax: 10 } })),
    'CHUNK_TOO_LARGE',
  );
  t.equal(
    plan(zip, (part) => ({ ...part, dataWindow: { xMin: 0, yMin: -(2 ** 29), xMax: 10, yMax: 2 ** 29 } })),
    'TOO_MANY_CHUNKS',
  );
  t.equal(
    plan({ ...zip, parts: [] }, (part) => part),
    'NOTHING_LEFT',
  );
});

t.test('a codec without pixels here passes untouched, and is refused by name where pixels are needed', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = fixture('reference/scan_piz.exr').slice();
  const at = Buffer.from(bytes).indexOf('compression\0compression\0') + 28;
  t.equal(bytes[at], 4, 'PIZ');
  bytes[at] = 14;
  const path = join(folder, 'unknown.exr');
  await writeFile(path, bytes);
  const out = join(folder, 'out.exr');
  t.equal((await runFrame([path], [], out)).plan[0]?.method, 'forward');
  const toCodec = (compression: Compression) =>
    defineFilter({
      name: 'to-codec',
      summary: 'test',
      description: 'test',
      examples: [],
      options: {},
      header: (head) => ({ ...head, parts: head.parts.map((part) => ({ ...part, compression })) }),
    });
  await t.rejects(runFrame([path], [toCodec('zip')({})], out), { code: 'NO_CODEC', message: /unknown \(14\)/ });
  // And one that is read alone.
  await t.rejects(runFrame([fixturePath('reference/scan_piz.exr')], [toCodec('lj2k')({})], out), {
    code: 'NO_CODEC',
    message: /LJ2K is read, but not written/,
  });
});

t.test(
  'a channel of several windows can be planned, is refused by name, and keeps its planes when documents are joined',
  async (t) => {
    const arrived = header('reference/scan_zip.exr');
    const [part] = arrived.parts as [Part];
    const pieced = (plane: Channel['plane']): Channel['plane'] => ({
      pieces: [{ plane: isArrived(plane) ? plane : { part: 0, index: 0 }, window: part.dataWindow }],
    });
    const wanted: Header = {
      ...arrived,
      parts: [{ ...part, channels: part.channels.map((channel) => ({ ...channel, plane: pieced(channel.plane) })) }],
    };
    const made = makePlan(wanted, arrived);
    t.match(made, [{ method: 'piece', sources: [0] }]);
    t.throws(() => schedule(made, wanted, arrived, []), { kind: 'unsupported', code: 'PIECES_UNSUPPORTED' });
    t.throws(
      () =>
        mattePlane(
          [
            {
              part: 0,
              layer: 'ids00',
              text: '00',
              order: 0,
              view: '',
              channels: [],
              slots: { r: wanted.parts[0]?.channels[0] as Channel, g: wanted.parts[0]?.channels[1] as Channel },
            },
          ],
          new Set(),
        ),
      {
        code: 'PIECES_UNSUPPORTED',
      },
    );
    const folder = await temporaryFolder(t);
    const input = join(folder, 'in.exr');
    await writeFile(input, fixture('reference/scan_zip.exr'));
    const region = defineFilter({
      name: 'region',
      summary: 'test',
      description: 'test',
      examples: [],
      options: {},
      header: () => wanted,
    });
    await t.rejects(runFrame([input], [region({})], join(folder, 'out.exr')), { code: 'PIECES_UNSUPPORTED' });
    const document = { header: wanted, arrived, source: {} as ChunkSource, inputs: [] };
    const joined = joinDocuments([document, document]).header.parts[1];
    t.same(
      joined?.channels.flatMap(sourcePlanes).map((plane) => plane.part),
      part.channels.map(() => 1),
    );
  },
);
