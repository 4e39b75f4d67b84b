/** ZSTD: files of OpenEXR 3.5.3 have the samples that it reads from them, whatever is done to their channels. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { type ChannelPick, type ChunkLayout, createCodecs, createZstd, planarSize } from 'openexr-wasm';
import { readFrameHeader } from 'openexr-wasm/core';
import t, { type Test } from 'tap';
import { compress, drop, merge, pick, rename } from '../../filters/index.js';
import type { CodedChannel } from '../../lib/codecs/codec.js';
import { deepProse, levelProse, lossProse } from '../../lib/codecs/prose.js';
import { codecOf } from '../../lib/codecs/table.js';
import { schedule } from '../../lib/engine/schedule.js';
import { parseDeepSizes } from '../../lib/format/chunk-leader.js';
import { Geometry } from '../../lib/format/geometry.js';
import { type Compression, isDeep, isExrError, makePlan, openExr, readExrHeader, runFrame } from '../../lib/index.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import { chunkLayout } from '../../lib/jobs/planes.js';
import { compareText } from '../../lib/model/text.js';
import { rawDigests } from '../raw-digests.js';
import { fixturePath, inCrumbs, memorySink, temporaryFolder } from '../support.js';

t.setTimeout(300_000);

const kernels = await createCodecs();
const library = createZstd();
const { decode, encode, splice } = codecOf('zstd');
if (!decode || !encode || !splice) throw new Error('zstd cannot be read and written');

const reference = readFileSync(fixturePath('zstd/sha256.tsv'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t'));
const files = [...new Set(reference.map(([file = '']) => file))];

/** What OpenEXR reads from a fixture: part, level, channel, digest. */
function known(name: string): string[] {
  return reference
    .filter(([file]) => file === name)
    .map(([, part, level, channel, , , digest]) => [part, level, channel, digest].join('\t'))
    .toSorted(compareText);
}

async function found(t: Test, path: string): Promise<string[]> {
  return (await rawDigests(t, path)).toSorted(compareText);
}

function zstdPath(name: string): string {
  return fixturePath(`zstd/${name}`);
}

async function channelsOf(path: string): Promise<{ names: string[]; deep: boolean }> {
  const [part] = (await readExrHeader(path)).parts;
  return { names: part?.channels.map(({ name }) => name) ?? [], deep: part !== undefined && isDeep(part) };
}

t.test('files of OpenEXR 3.5.3 have the samples that it reads', async (t) => {
  t.ok(files.length >= 11, 'scan lines, tiles, levels, sub-sampled, raw chunks, deep lines and tiles');
  for (const name of files) t.same(await found(t, zstdPath(name)), known(name), name);
});

t.test('other codecs become ZSTD and back without a change', async (t) => {
  const folder = await temporaryFolder(t);
  const [there, again] = [join(folder, 'there.exr'), join(folder, 'again.exr')];
  for (const name of files) {
    const { deep } = await channelsOf(zstdPath(name));
    for (const other of (deep ? ['none', 'rle', 'zips'] : ['none', 'zip', 'piz', 'b44']) as Compression[]) {
      if (other === 'b44' && name.startsWith('rip')) continue;
      await runFrame([zstdPath(name)], [compress({ to: other })], there);
      const { plan } = await runFrame([there], [compress({ to: 'zstd' })], again);
      t.equal(plan[0]?.method, deep ? 'repack' : 'transcode');
      if (other !== 'b44') t.same(await found(t, again), known(name), `${name} by way of ${other}`);
      else t.same(await found(t, again), await found(t, there), `${name} as ${other} has it`);
    }
  }
});

t.test('channels picked, dropped, renamed and merged keep their samples', async (t) => {
  const folder = await temporaryFolder(t);
  const path = (name: string) => join(folder, `${name}.exr`);
  for (const name of files) {
    const from = zstdPath(name);
    const { names, deep } = await channelsOf(from);
    if (names.length < 2) continue;
    const lines = known(name);
    const only = (kept: readonly string[]) =>
      lines.filter((line) => kept.includes(line.split('\t')[2] ?? '') || line.includes('\t#samples\t'));
    // Every other channel, so that neighbours are parted.
    const [some, rest] = [names.filter((_, i) => i % 2 === 0), names.filter((_, i) => i % 2 === 1)];
    const picked = await runFrame([from], [pick({ channel: some })], path('some'));
    t.equal(picked.plan[0]?.method, deep ? 'repack' : 'splice');
    t.same(await found(t, path('some')), only(some), `${name}: picked`);
    await runFrame([from], [drop({ channel: some })], path('rest'));
    t.same(await found(t, path('rest')), only(rest), `${name}: dropped`);
    if (!deep) {
      const { plan } = await runFrame([path('rest'), path('some')], [merge({ onClash: 'error' })], path('all'));
      t.equal(plan[0]?.method, 'splice');
      t.equal(plan[0]?.wanted.compression, 'zstd');
      t.same(await found(t, path('all')), lines, `${name}: merged again`);
    }
    // The last becomes the first in the order of names.
    const turned = new Map(names.map((old, i) => [old, `${String.fromCharCode(122 - i)}.x`]));
    const map = [...turned].map(([old, now]) => `${old}=${now}`);
    await runFrame([from], [rename({ map })], path('turned'));
    const expected = lines.map((line) => {
      const [part, level, channel = '', digest] = line.split('\t');
      return [part, level, turned.get(channel) ?? channel, digest].join('\t');
    });
    t.same(await found(t, path('turned')), expected.toSorted(compareText), `${name}: renamed to another order`);
  }
});

t.test('ten rounds of taking apart and putting together change nothing', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of files) {
    const { names, deep } = await channelsOf(zstdPath(name));
    const there = names.map((old, i) => `${old}=${String.fromCharCode(122 - i)}.x`);
    const back = names.map((old, i) => `${String.fromCharCode(122 - i)}.x=${old}`);
    let at = zstdPath(name);
    const sizes: number[] = [];
    for (let round = 0; round < 10; round++) {
      const next = join(folder, `${round}.exr`);
      if (deep || round % 2 === 0) {
        await runFrame([at], [rename({ map: there })], join(folder, 'between.exr'));
        await runFrame([join(folder, 'between.exr')], [rename({ map: back })], next, { level: 1 + (round % 5) });
      } else {
        const half = names.slice(0, Math.ceil(names.length / 2));
        await runFrame([at], [pick({ channel: half })], join(folder, 'left.exr'));
        await runFrame([at], [drop({ channel: half })], join(folder, 'right.exr'));
        await runFrame(
          ['left', 'right'].map((one) => join(folder, `${one}.exr`)),
          [merge({ onClash: 'error' })],
          next,
        );
      }
      at = next;
      sizes.push(readFileSync(at).length);
    }
    t.same(await found(t, at), known(name), name);
    t.ok(Math.max(...sizes) < 1.2 * readFileSync(zstdPath(name)).length, `${name} does not grow: ${sizes}`);
  }
});

/** The chunks of a file with their places. */
async function chunksOf(path: string) {
  const { header, source } = await openExr(path);
  try {
    const chunks = [];
    for (const [number, part] of header.parts.entries()) {
      const geometry = new Geometry(part);
      for (let index = 0; index < geometry.chunkCount; index++)
        chunks.push({ part, region: geometry.region(index), payload: await source.read({ part: number, index }) });
    }
    return chunks;
  } finally {
    await source.close();
  }
}

t.test('tables of deep chunks pass untouched when channels are picked', async (t) => {
  const folder = await temporaryFolder(t);
  let packedTables = 0;
  for (const name of files.filter((file) => file.startsWith('deep'))) {
    const { names } = await channelsOf(zstdPath(name));
    if (names.length < 2) continue;
    await runFrame([zstdPath(name)], [pick({ channel: names.slice(1) })], join(folder, name));
    const tables = async (path: string) =>
      (await chunksOf(path)).map(({ payload }) =>
        Buffer.from(payload.subarray(24, 24 + parseDeepSizes(payload).table)),
      );
    const before = await tables(zstdPath(name));
    t.same(await tables(join(folder, name)), before, name);
    packedTables += before.filter((table) => table.subarray(0, 8).toString() === 'zstd-exr').length;
  }
  t.ok(packedTables > 10, `${packedTables} tables are packed`);
});

/** A line of three half channels, packed. */
function oneChunk() {
  const channels = ['B', 'G', 'R'].map((name): CodedChannel => {
    return { name, type: 'half', xSampling: 1, ySampling: 1, linear: false };
  });
  const layout: ChunkLayout = { x: -3, y: 7, width: 64, height: 1, channels };
  const planar = new Uint8Array(Uint16Array.from({ length: 192 }, (_, i) => 0x3800 + ((i * i) % 40)).buffer);
  return { layout, planar, all: [0, 1, 2], payload: encode?.(kernels, layout, planar, {}) as Uint8Array };
}

function changed(packed: Uint8Array, change: (bytes: Buffer) => Uint8Array | undefined): Uint8Array {
  const bytes = Buffer.from(packed);
  return new Uint8Array(change(bytes) ?? bytes);
}

/** A chunk around some bytes. */
function wrap(frame: Uint8Array, format = 2, flags = 1): Uint8Array {
  const head = Buffer.alloc(24);
  head.write('zstd-exr', 'latin1');
  head.writeUInt32LE(format, 8);
  head.writeUInt32LE(flags, 12);
  head.writeBigUInt64LE(BigInt(frame.length), 16);
  return Buffer.concat([head, frame]);
}

/** What the library makes of some bytes; without their number in its header it says how far it looks back instead. */
function frameOf(content: Uint8Array, { sized = true } = {}): Uint8Array {
  const frame = library.run((heap) => heap.pack(heap.place(content), content.length, 19, 0));
  if (sized) return frame;
  return Buffer.concat([frame.subarray(0, 4), Uint8Array.of(0, 0x58), frame.subarray(readFrameHeader(frame).length)]);
}

function u32(value: number): number[] {
  return [...new Uint8Array(Uint32Array.of(value).buffer)];
}

t.test('damaged and unusual chunks: what OpenEXR 3.5.3 makes of them', async (t) => {
  const { payload, layout, all, planar } = oneChunk();
  const size = planarSize(layout);
  const frame = payload.subarray(24);
  // One line of halves: low bytes of the differences, then high bytes.
  const stream = (delta: boolean) => {
    const samples = new Uint16Array(planar.slice().buffer);
    const values = samples.map((value, i) =>
      delta && i % layout.width > 0 ? value - (samples[i - 1] as number) : value,
    );
    const bytes = [0, 8].flatMap((shift) => [...values].map((value) => (value >> shift) & 255));
    return Uint8Array.of(...u32(size), 0, 0, 0, 0, ...bytes);
  };
  const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7);
  const read = {
    'as it is': payload,
    'format 1': wrap(frameOf(stream(false)), 1, 0),
    'format 2 without differences': wrap(frameOf(stream(false)), 2, 0),
    'no content size': wrap(frameOf(stream(true), { sized: false })),
  };
  for (const [title, packed] of Object.entries(read)) {
    t.ok(packed.length < size, `${title}: is packed`);
    t.same(decode?.(kernels, layout, packed, all), planar, title);
    const from = all.map((channel): ChannelPick => ({ source: 0, channel }));
    const [spliced] = splice?.run(kernels, [{ layout, packed }], [{ layout, from }], {}) ?? [];
    t.same(decode?.(kernels, layout, spliced as Uint8Array, all), planar, `${title}: spliced`);
  }
  const longer = Uint8Array.of(...stream(true), 0);
  const refused: Record<string, [Uint8Array, string]> = {
    'no magic': [changed(payload, (bytes) => void bytes.fill(0, 0, 8)), 'corrupt'],
    'header only': [payload.slice(0, 24), 'truncated'],
    'shorter than a header': [payload.slice(0, 20), 'truncated'],
    'format 3': [changed(payload, (bytes) => void bytes.writeUInt32LE(3, 8)), 'corrupt'],
    'format 1 with differences': [changed(payload, (bytes) => void bytes.writeUInt32LE(1, 8)), 'corrupt'],
    'flags 2': [changed(payload, (bytes) => void bytes.writeUInt32LE(2, 12)), 'corrupt'],
    'a frame that says too much': [
      changed(payload, (bytes) => void bytes.writeBigUInt64LE(2n ** 62n, 16)),
      'truncated',
    ],
    'a frame that says one byte less': [
      changed(payload, (bytes) => void bytes.writeBigUInt64LE(BigInt(frame.length - 1), 16)),
      'corrupt',
    ],
    'a trailing byte': [Buffer.concat([payload, Uint8Array.of(0)]), 'corrupt'],
    'a trailing byte that counts': [wrap(Buffer.concat([frame, Uint8Array.of(0)])), 'corrupt'],
    truncated: [wrap(frame.slice(0, frame.length - 3)), 'truncated'],
    'two frames': [
      wrap(Buffer.concat([frameOf(stream(true).slice(0, 50)), frameOf(stream(true).slice(50))])),
      'corrupt',
    ],
    'an empty frame behind': [wrap(Buffer.concat([frame, frameOf(new Uint8Array(0))])), 'corrupt'],
    'a skippable frame first': [wrap(Buffer.concat([skippable, frame])), 'corrupt'],
    'a content size of 4 GiB': [
      wrap(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 1, 0, 0, 0, ...frame.subarray(6))),
      'corrupt',
    ],
    'a dictionary': [
      wrap(changed(frame, (bytes) => void bytes.writeUInt8((frame[4] as number) | 1, 4))),
      'unsupported',
    ],
    'a longer stream': [wrap(frameOf(longer)), 'corrupt'],
    'a longer stream of no size': [wrap(frameOf(longer, { sized: false })), 'too-large'],
    'a shorter stream of no size': [wrap(frameOf(stream(true).slice(0, -1), { sized: false })), 'truncated'],
    'a segment that says too little': [
      wrap(frameOf(changed(stream(true), (bytes) => void bytes.writeUInt32LE(size - 2, 0)))),
      'corrupt',
    ],
    'a segment that says too much': [
      wrap(frameOf(changed(stream(true), (bytes) => void bytes.writeUInt32LE(size + 2, 0)))),
      'corrupt',
    ],
    // 128 KiB of zeros in four bytes, again and again.
    'a bomb': [
      wrap(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0x58, ...Array(20).fill([2, 0, 16, 0]).flat(), 3, 0, 16, 0)),
      'too-large',
    ],
  };
  for (const [title, [packed, code]] of Object.entries(refused)) {
    t.ok(packed.length < size, `${title}: is no raw chunk`);
    t.throws(() => decode?.(kernels, layout, packed, all), { name: 'CodecError', code }, title);
    const from = [{ source: 0, channel: 1 }];
    const target = { layout: { ...layout, channels: layout.channels.slice(1, 2) }, from };
    t.throws(() => splice?.run(kernels, [{ layout, packed }], [target], {}), { name: 'CodecError', code }, title);
  }
});

t.test('every beginning of a chunk is an error, promptly: lines, tiles, deep samples and tables', async (t) => {
  let cuts = 0;
  for (const name of ['interleaved_types.zstd.exr', 'rip_down.zstd.exr', 'subsampled.zstd.exr']) {
    const chunks = await chunksOf(zstdPath(name));
    for (const { part, region, payload } of chunks.filter((_, i) => i % 7 === 0)) {
      const layout = chunkLayout(part.channels, region);
      for (let length = 0; length < payload.length; length++, cuts++)
        t.throws(() => decode?.(kernels, layout, payload.slice(0, length), [0]), { name: 'CodecError' });
    }
  }
  for (const name of ['deep_scan_empty_lines.zstd.exr', 'deep_tile_offset.zstd.exr', 'deep_scan_half_only.zstd.exr']) {
    const chunks = await chunksOf(zstdPath(name));
    for (const { part, region, payload } of chunks.filter((_, i) => i % 5 === 1)) {
      const sizes = parseDeepSizes(payload);
      const rows = { types: ['uint' as const], counts: new Array<number>(region.height).fill(region.width) };
      const table = payload.slice(24, 24 + sizes.table);
      const isPacked = table.length < region.width * region.height * 4;
      for (let length = 0; isPacked && length < table.length; length++, cuts++)
        t.throws(() => kernels.unpackRows('zstd', table.slice(0, length), rows), { name: 'CodecError' });
      const samples = payload.slice(24 + sizes.table);
      if (samples.length === 0 || samples.length === sizes.unpacked) continue;
      const whole = isPacked ? kernels.unpackRows('zstd', table, rows) : table.slice();
      const ends = new Int32Array(whole.buffer);
      const counts = rows.counts.map((width, row) => ends[row * width + width - 1] as number);
      const deep = { types: part.channels.map(({ type }) => type), counts };
      t.equal(kernels.unpackRows('zstd', samples, deep).length, sizes.unpacked);
      for (let length = 0; length < samples.length; length++, cuts++)
        t.throws(() => kernels.unpackRows('zstd', samples.slice(0, length), deep), { name: 'CodecError' });
    }
  }
  t.ok(cuts > 3000, `${cuts} cuts`);
});

t.test('every truncated file is an error that reports it', async (t) => {
  const bytes = readFileSync(zstdPath('column_1x19.zstd.exr'));
  let refused = 0;
  for (let length = 0; length < bytes.length; length++) {
    const sink = memorySink();
    const error: unknown = await runFrame([inCrumbs(bytes.subarray(0, length))], [compress({ to: 'zip' })], sink).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (isExrError(error) && ['invalid', 'unsupported'].includes(error.kind)) refused += 1;
    else t.fail(`${length} bytes: ${error}`);
  }
  t.equal(refused, bytes.length);
});

t.test('an error names the chunk, also where many are worked on together', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = readFileSync(zstdPath('lines_17.zstd.exr'));
  const path = join(folder, 'damaged.exr');
  const magic = Buffer.from('zstd-exr');
  let at = bytes.indexOf(magic);
  for (let chunk = 0; chunk < 9; chunk++) at = bytes.indexOf(magic, at + 1);
  bytes.writeUInt32LE(7, at + 8);
  await writeFile(path, bytes);
  for (const runner of [undefined, inlineRunner(createCodecs)])
    for (const step of [rename({ map: ['R=A'] }), drop({ channel: ['G'] }), compress({ to: 'none' })])
      await t.rejects(runFrame([path], [step], join(folder, 'out.exr'), { ...(runner && { runner }) }), {
        kind: 'invalid',
        code: 'corrupt',
        where: { part: 0, chunk: 9 },
        message: /format 7/,
      });
});

t.test('lines are worked on by the dozen', async (t) => {
  const wide = await unitsOf(1920, 1080, 105);
  t.ok(
    wide.every((lines) => lines === 16 || lines === 1080 % 16),
    'as many as are affordable',
  );
  const small = await unitsOf(1920, 1080, 4);
  t.ok(
    small.slice(0, -1).every((lines) => lines >= 16 && lines <= 64),
    `${small.slice(0, 3)}`,
  );
  const huge = await unitsOf(200_000, 8, 100);
  t.same(huge, [1, 1, 1, 1, 1, 1, 1, 1], 'a line is enough where it is large');
});

/** How many chunks of ZSTD go together, when every other channel of an image is dropped. */
async function unitsOf(width: number, height: number, count: number): Promise<number[]> {
  const [own] = (await readExrHeader(zstdPath('lines_17.zstd.exr'))).parts;
  const [channel] = own?.channels ?? [];
  if (!own || !channel) throw new Error('no channel');
  const channels = Array.from({ length: count }, (_, index) => {
    return {
      ...channel,
      name: `c${String(index).padStart(3, '0')}`,
      type: 'float' as const,
      plane: { part: 0, index },
    };
  });
  const part = { ...own, channels, dataWindow: { xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 } };
  const arrived = { parts: [part], longNames: false, multiPart: false };
  const wanted = { ...arrived, parts: [{ ...part, channels: channels.filter((_, i) => i % 2 === 0) }] };
  const order = Array.from({ length: height }, (_, index) => ({ part: 0, index }));
  return [...schedule(makePlan(wanted, arrived), wanted, arrived, order)].map(({ targets }) => targets.length);
}

const oneChannel = fc.record({
  type: fc.constantFrom('half' as const, 'float' as const, 'uint' as const),
  xSampling: fc.constantFrom(1, 1, 1, 2, 3),
  ySampling: fc.constantFrom(1, 1, 1, 2),
});
const region = fc.record({
  x: fc.integer({ min: -40, max: 40 }),
  y: fc.integer({ min: -40, max: 40 }),
  width: fc.integer({ min: 1, max: 70 }),
  height: fc.integer({ min: 1, max: 9 }),
});

t.test('property: what is spliced has the samples of its sources, whatever form these have', async (t) => {
  let raw = 0;
  let packed = 0;
  fc.assert(
    fc.property(
      region,
      fc.array(fc.array(oneChannel, { minLength: 1, maxLength: 7 }), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: 1, max: 9 }),
      (place, sources, wanted, range, level) => {
        let seed = range;
        const next = (): number => {
          seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
          return seed >>> 24;
        };
        const chunks = sources.map((channels) => {
          const layout: ChunkLayout = {
            ...place,
            channels: channels.map((one, i) => ({ ...one, name: `c${i}`, linear: false })),
          };
          const planar = Uint8Array.from({ length: planarSize(layout) }, () => next() % range);
          return { layout, planar, packed: encode?.(kernels, layout, planar, { level }) as Uint8Array };
        });
        for (const one of chunks)
          if (one.packed.length === one.planar.length) raw++;
          else packed++;
        const from = wanted.map(([a, b]): ChannelPick => {
          const source = a % chunks.length;
          return { source, channel: b % (chunks[source]?.layout.channels.length ?? 1) };
        });
        const channels = from.map(({ source, channel }, i) => {
          return { ...(chunks[source]?.layout.channels[channel] as CodedChannel), name: `t${i}` };
        });
        const layout = { ...place, channels };
        const [made] = splice?.run(kernels, chunks, [{ layout, from }], { level }) ?? [];
        const planes = from.map(({ source, channel }) => {
          const chunk = chunks[source] as (typeof chunks)[number];
          return decode?.(kernels, chunk.layout, chunk.packed, [channel]) as Uint8Array;
        });
        const expected = Buffer.concat(planes);
        const size = planarSize(layout);
        if ((made?.length ?? 0) > size) throw new Error('larger than raw');
        const got = decode?.(
          kernels,
          layout,
          made as Uint8Array,
          from.map((_, i) => i),
        ) as Uint8Array;
        if (Buffer.compare(expected, got) !== 0) throw new Error('other samples');
        // As small as if it were made of samples.
        const encoded = encode?.(kernels, layout, expected, { level }) as Uint8Array;
        if (Buffer.compare(encoded, made as Uint8Array) !== 0) throw new Error('not the chunk that encoding makes');
      },
    ),
    { numRuns: 400 },
  );
  t.ok(raw > 50 && packed > 50, `${raw} raw, ${packed} packed`);
});

t.test('property: rows of deep chunks come back, and channels picked out of them are the same', async (t) => {
  const rows = fc.record({
    types: fc.array(fc.constantFrom('half' as const, 'float' as const, 'uint' as const), {
      minLength: 1,
      maxLength: 6,
    }),
    counts: fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90 })), { minLength: 1, maxLength: 6 }),
  });
  const bytesOf = (type: string) => (type === 'half' ? 2 : 4);
  let some = 0;
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.nat(), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 255 }),
      (own, wanted, range) => {
        const samples = own.counts.reduce((sum, one) => sum + one, 0);
        const size = samples * own.types.reduce((sum, type) => sum + bytesOf(type), 0);
        const raw = Uint8Array.from({ length: size }, (_, i) => (i * i) % range);
        const packed = kernels.packRows('zstd', raw, own);
        if (Buffer.compare(kernels.unpackRows('zstd', packed, own), raw) !== 0) throw new Error('other rows');
        if (samples > 0) some++;
        const channels = wanted.map((one) => one % own.types.length);
        const picked = kernels.pickRows('zstd', packed, own, channels) as Uint8Array;
        const pieces: Uint8Array[] = [];
        let lineAt = 0;
        for (const count of own.counts) {
          const starts = own.types.map(
            (_, i) => lineAt + count * own.types.slice(0, i).reduce((n, type) => n + bytesOf(type), 0),
          );
          for (const channel of channels) {
            const from = starts[channel] as number;
            pieces.push(raw.subarray(from, from + count * bytesOf(own.types[channel] as string)));
          }
          lineAt += count * own.types.reduce((sum, type) => sum + bytesOf(type), 0);
        }
        const kept = { ...own, types: channels.map((channel) => own.types[channel] as 'half') };
        if (Buffer.compare(kernels.unpackRows('zstd', picked, kept), Buffer.concat(pieces)) !== 0)
          throw new Error('other samples');
      },
    ),
    { numRuns: 400 },
  );
  t.ok(some > 200, `${some} with samples`);
});

t.test('a level must be one of every codec that is written, and of no other', async (t) => {
  const folder = await temporaryFolder(t);
  const path = (name: string) => join(folder, `${name}.exr`);
  const [zstd, zip, out] = [path('a'), path('b'), path('c')];
  await runFrame([zstdPath('interleaved_types.zstd.exr')], [compress({ to: 'zip' })], zip);
  const level = (input: string, to: Compression, value: number) =>
    runFrame([input], [compress({ to })], out, { level: value });
  await runFrame([zip], [compress({ to: 'zstd' })], zstd, { level: 22 });
  await level(zip, 'zstd', 1);
  const range = (codec: string, most: number) => ({
    kind: 'usage',
    code: 'BAD_LEVEL',
    message: new RegExp(`${codec} has levels from 1 to ${most}`),
  });
  for (const value of [0, 23, 2.5, -1, Number.NaN]) await t.rejects(level(zip, 'zstd', value), range('zstd', 22));
  for (const value of [0, 10, 22]) await t.rejects(level(zstd, 'zip', value), range('zip', 9));
  for (const value of [0, 10, 22]) await t.rejects(level(zstd, 'dwaa', value), range('dwaa', 9));
  await t.rejects(level(zip, 'zip', 15), range('zip', 9), 'also where all is passed on');
  await level(zstd, 'piz', 15);
  // Parts that are passed on have no say where others are encoded.
  const both = path('both');
  await runFrame([zip, zstd], [merge({ as: 'parts', onClash: 'prefix' })], both);
  const names = (await readExrHeader(both)).parts.map((part) => part.name ?? '');
  const stored = (to: Compression, part: number) =>
    runFrame([both], [compress({ to, part: [names[part] ?? ''] })], out, { level: 15 });
  const { plan } = await stored('zstd', 0);
  t.same(
    plan.map(({ method }) => method),
    ['transcode', 'forward'],
  );
  await t.rejects(stored('zip', 1), range('zip', 9));
});

t.test('without a level, files are at most 3 % larger than at level 5', async (t) => {
  const folder = await temporaryFolder(t);
  const size = async (input: string, to: Compression, level?: number): Promise<number> => {
    await runFrame([input], [compress({ to: 'none' })], join(folder, 'plain.exr'));
    const out = join(folder, `${to}.exr`);
    await runFrame([join(folder, 'plain.exr')], [compress({ to })], out, level === undefined ? {} : { level });
    return readFileSync(out).length;
  };
  for (const name of files) {
    const [usual, five] = [await size(zstdPath(name), 'zstd'), await size(zstdPath(name), 'zstd', 5)];
    t.ok(usual <= 1.03 * five, `${name}: ${usual}, ${five}`);
    t.ok(five <= 1.01 * readFileSync(zstdPath(name)).length, `${name}: ${five} as OpenEXR has it`);
  }
});

t.test('the table is described in words', async (t) => {
  t.match(lossProse(), /^none, rle, zips, zip, piz, htj2k256, htj2k32 and zstd keep every bit\. pxr24: /);
  t.match(lossProse(), /zstd: only programs with OpenEXR 3\.5 or later read it\.$/);
  t.equal(deepProse(), 'Deep parts can be none, rle, zips or zstd.');
  t.match(levelProse(), /^1 to 9 for zips and zip \(4 without it\), .*; 1 to 22 for zstd \(3 or 5 without it\)$/);
});
