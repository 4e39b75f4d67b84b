/** Pixels: what comes out is what the reference library reads from what went in. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  type Header,
  isDeep,
  openExr,
  openExrStream,
  type Part,
  readExrHeader,
  runFrame,
  sortChannels,
  writeDocument,
} from '../../lib/index.js';
import {
  fixture,
  fixturePath,
  inCrumbs,
  inPieces,
  memorySink,
  pixelDigests,
  referenceDigests,
  referenceFiles,
  temporaryFolder,
} from '../support.js';

const files = referenceFiles();
/** Without their first channel nothing is left. */
const oneChannel = new Set(files.filter((name) => name.startsWith('deeptile_edge')));
const flat = files.filter((name) => !name.startsWith('deep') && name !== 'parts.exr');

function mapParts(header: Header, change: (part: Part) => Part): Header {
  return { ...header, parts: header.parts.map(change) };
}

async function write(path: string, to: string, change: (header: Header) => Header) {
  const document = await openExr(path);
  return writeDocument({ ...document, header: change(document.header) }, to);
}

t.test('every layout and codec is read as the reference library reads it', async (t) => {
  for (const name of files) t.same(await pixelDigests(fixturePath(`reference/${name}`)), referenceDigests(name), name);
});

t.test(
  'an unchanged file comes out byte-identical, by file and by a pipe that gives a byte or a few at a time',
  async (t) => {
    const folder = await temporaryFolder(t);
    for (const name of files) {
      const bytes = Buffer.from(fixture(`reference/${name}`));
      const out = join(folder, name);
      const report = await runFrame([fixturePath(`reference/${name}`)], [], out);
      t.ok(
        report.plan.every(({ method }) => method === 'forward'),
        `${name} is forwarded`,
      );
      t.ok(bytes.equals(await readFile(out)), `${name} by file`);
      const sink = memorySink();
      await runFrame([inCrumbs(bytes)], [], sink);
      t.ok(bytes.equals(sink.bytes()), `${name} by pipe`);
    }
  },
);

t.test('every layout can be re-encoded with every lossless codec and keeps its pixels', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'out.exr');
  for (const name of flat)
    for (const compression of ['none', 'rle', 'zips', 'zip', 'piz'] as const) {
      const report = await write(fixturePath(`reference/${name}`), out, (header) =>
        mapParts(header, (part) => ({ ...part, compression })),
      );
      const before = await pixelDigests(fixturePath(`reference/${name}`));
      t.same(await pixelDigests(out), before, `${name} as ${compression} (${report.plan[0]?.method})`);
    }
});

t.test('a pipe gives the same bytes as a file when pixels are re-encoded', async (t) => {
  for (const name of [...flat, 'parts.exr']) {
    const change = (header: Header) =>
      mapParts(header, (part) => (isDeep(part) ? { ...part, compression: 'rle' } : { ...part, compression: 'zips' }));
    const byFile = memorySink();
    const document = await openExr(fixturePath(`reference/${name}`));
    await writeDocument({ ...document, header: change(document.header) }, byFile);
    const byPipe = memorySink();
    const piped = await openExrStream(inPieces(fixture(`reference/${name}`), 1000));
    await writeDocument({ ...piped, header: change(piped.header) }, byPipe);
    t.ok(Buffer.from(byFile.bytes()).equals(byPipe.bytes()), name);
  }
});

t.test('channels are chosen, and re-sorted by new names, without losing their pixels', async (t) => {
  const folder = await temporaryFolder(t);
  const out = join(folder, 'out.exr');
  const turned = (name: string) => [...name].toReversed().join('');
  for (const name of flat.filter((file) => !/b44|dwa|pxr24/.test(file))) {
    await write(fixturePath(`reference/${name}`), out, (header) =>
      mapParts(header, (part) => ({
        ...part,
        channels: sortChannels(part.channels.slice(1).map((channel) => ({ ...channel, name: turned(channel.name) }))),
      })),
    );
    const expected = referenceDigests(name)
      .slice(1)
      .map((line) => line.split('\t'))
      .map(([part, channel = '', digest]) => `${part}\t${turned(channel)}\t${digest}`);
    t.same((await pixelDigests(out)).toSorted(), expected.toSorted(), name);
  }
});

t.test('deep parts: channels are chosen and repacked; packed back they are unchanged', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of files.filter((file) => file.startsWith('deep') && !oneChannel.has(file))) {
    const original = fixturePath(`reference/${name}`);
    const [there, back] = [join(folder, `there-${name}`), join(folder, `back-${name}`)];
    const compression = (await readExrHeader(original)).parts[0]?.compression ?? 'zips';
    const other = compression === 'rle' ? 'zips' : 'rle';
    const report = await write(original, there, (header) =>
      mapParts(header, (part) => ({ ...part, compression: other })),
    );
    t.equal(report.plan[0]?.method, 'repack', name);
    await write(there, back, (header) => mapParts(header, (part) => ({ ...part, compression: 'none' })));
    const raw = join(folder, `raw-${name}`);
    await write(original, raw, (header) => mapParts(header, (part) => ({ ...part, compression: 'none' })));
    // Uncompressed tiles of the library have leftovers in their tables, which are not kept.
    if (compression !== 'none') t.ok((await readFile(back)).equals(await readFile(raw)), `${name} by way of ${other}`);
    await write(original, there, (header) =>
      mapParts(header, (part) => ({ ...part, channels: part.channels.slice(1) })),
    );
    const names = (await readExrHeader(original)).parts[0]?.channels.map(({ name }) => name);
    t.same(
      (await readExrHeader(there)).parts[0]?.channels.map(({ name }) => name),
      names?.slice(1),
    );
  }
});

t.test('windows grow with zeros and shrink by cutting, in any alignment of chunks', async (t) => {
  const folder = await temporaryFolder(t);
  const [grown, back] = [join(folder, 'grown.exr'), join(folder, 'back.exr')];
  for (const name of ['scan_shifted.exr', 'scan_piz.exr', 'tiles_one.exr']) {
    const original = fixturePath(`reference/${name}`);
    const header = await readExrHeader(original);
    const window = header.parts[0]?.dataWindow ?? { xMin: 0, yMin: 0, xMax: 0, yMax: 0 };
    const wider = { xMin: window.xMin - 3, yMin: window.yMin - 5, xMax: window.xMax + 2, yMax: window.yMax + 21 };
    await write(original, grown, (head) => mapParts(head, (part) => ({ ...part, dataWindow: wider })));
    await write(grown, back, (head) => mapParts(head, (part) => ({ ...part, dataWindow: window })));
    t.same(await pixelDigests(back), referenceDigests(name), name);
  }
});

t.test('half and float: widening loses nothing, and narrowing what was half gives it back', async (t) => {
  const folder = await temporaryFolder(t);
  const [wide, back] = [join(folder, 'wide.exr'), join(folder, 'back.exr')];
  const original = fixturePath('reference/scan_zip.exr');
  const header = await readExrHeader(original);
  const types = new Map(header.parts[0]?.channels.map(({ name, type }) => [name, type]));
  await write(original, wide, (head) =>
    mapParts(head, (part) => ({
      ...part,
      channels: part.channels.map((c) => (c.type === 'half' ? { ...c, type: 'float' as const } : c)),
    })),
  );
  await write(wide, back, (head) =>
    mapParts(head, (part) => ({
      ...part,
      channels: part.channels.map((c) => ({ ...c, type: types.get(c.name) ?? c.type })),
    })),
  );
  t.same(await pixelDigests(back), referenceDigests('scan_zip.exr'));
});

t.test(
  'chunks lying in any order, with gaps between them, are read; a table of zeros is rebuilt by walking',
  async (t) => {
    const folder = await temporaryFolder(t);
    const bytes = fixture('reference/scan_zips.exr');
    const header = await readExrHeader(fixturePath('reference/scan_zips.exr'));
    t.equal(header.parts.length, 1);
    const table = findTable(bytes, 23);
    const zeroed = bytes.slice();
    zeroed.fill(0, table, table + 23 * 8);
    const path = join(folder, 'zeroed.exr');
    await writeFile(path, zeroed);
    t.same(await pixelDigests(path), referenceDigests('scan_zips.exr'), 'zeros in a file');
    const sink = memorySink();
    await runFrame([inPieces(zeroed, 777)], [], sink);
    t.ok(Buffer.from(bytes).equals(sink.bytes()), 'zeros in a pipe: copied to a temporary file, walked, written whole');

    const shuffled = shuffle(bytes, table, 23);
    await writeFile(path, shuffled);
    t.same(await pixelDigests(path), referenceDigests('scan_zips.exr'), 'shuffled chunks with gaps');
    const piped = memorySink();
    await runFrame([inPieces(shuffled, 4096)], [], piped);
    await writeFile(path, piped.bytes());
    t.same(await pixelDigests(path), referenceDigests('scan_zips.exr'), 'the same through a pipe');
  },
);

/** Position of a table of `count` ascending offsets that begins right before the first chunk. */
function findTable(bytes: Uint8Array, count: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let at = 0; at + count * 8 < bytes.length; at++)
    if (view.getBigUint64(at, true) === BigInt(at + count * 8)) return at;
  throw new Error('no table');
}

/** The chunks in reverse order, with 3 bytes of nothing between them. */
function shuffle(bytes: Uint8Array, table: number, count: number): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const offsets = Array.from({ length: count }, (_, i) => Number(view.getBigUint64(table + i * 8, true)));
  const out = new Uint8Array(bytes.length + 3 * count);
  out.set(bytes.subarray(0, table + count * 8));
  const target = new DataView(out.buffer);
  let at = table + count * 8;
  for (let i = count - 1; i >= 0; i--) {
    const chunk = bytes.subarray(offsets[i], offsets[i + 1] ?? bytes.length);
    target.setBigUint64(table + i * 8, BigInt(at), true);
    out.set(chunk, at);
    at += chunk.length + 3;
  }
  return out;
}
