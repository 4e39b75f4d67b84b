import t, { type Test } from 'tap';
import { makeLimits } from '../../lib/format/limits.js';
import { type ExrDocument, openExr, readSamples } from '../../lib/index.js';
import { fullResolution, readBands } from '../../lib/io/bands.js';
import { makePreview, type PreviewOptions } from '../../lib/io/preview.js';
import { resolutionFor } from '../../lib/io/resolution.js';
import { defaultLook, lookOfChannel, lookOfLayer } from '../../lib/look/choose.js';
import { frameOf } from '../../lib/look/fit.js';
import type { Look } from '../../lib/look/looks.js';
import { srgbByte } from '../../lib/look/srgb.js';
import type { Channel, Part, Samples } from '../../lib/model/header.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { openInput } from '../../lib/node/pipeline.js';
import { sharedRunners } from '../../lib/node/runners.js';
import { fixture, fixturePath, inPieces } from '../support.js';

const options: PreviewOptions = {
  exposure: 0,
  background: 'black',
  ramp: 'grey',
  log: false,
  window: 'data',
  runners: sharedRunners,
  kernels: loadKernels,
  limits: makeLimits(),
};

async function opened(t: Test, name: string): Promise<ExrDocument> {
  const document = await openExr(fixturePath(name), { holes: true });
  t.teardown(() => document.source.close());
  return document;
}

async function linesOf(document: ExrDocument, look: Look, changes: Partial<PreviewOptions> = {}) {
  const preview = await makePreview(document, look, { ...options, ...changes });
  const lines: number[][] = [];
  for await (const line of preview.lines()) lines.push([...line]);
  return { ...preview, image: lines };
}

/** All samples of one channel, by plain reading. */
async function plane(document: ExrDocument, part: Part, name: string): Promise<Float32Array> {
  const { xMin, yMin, xMax } = part.dataWindow;
  const width = xMax - xMin + 1;
  const out = new Float32Array(width * (part.dataWindow.yMax - yMin + 1));
  for await (const { region, samples } of readSamples(document, part, [name]))
    for (let line = 0; line < region.height; line++) {
      const from = (samples[0] as Samples).subarray(line * region.width, (line + 1) * region.width);
      out.set(from, (region.y + line - yMin) * width + region.x - xMin);
    }
  return out;
}

for (const name of [
  'scan_zip',
  'scan_decreasing',
  'tiles_one',
  'tiles_decreasing',
  'tiles_mipmap',
  'tiles_ripmap',
  'scan_shifted',
])
  t.test(`${name}: at its own size every pixel is its sample`, async (t) => {
    const document = await opened(t, `reference/${name}.exr`);
    const [part] = document.header.parts;
    const channel = part?.channels.find(({ type, xSampling }) => type !== 'uint' && xSampling === 1);
    if (!part || !channel) return t.fail('the fixture has no channel');
    const look: Look = { layer: 'x', kind: 'grey', views: [{ view: '', part: 0, channels: [channel] }] };
    const { image, columns } = await linesOf(document, look);
    const source = await plane(document, part, channel.name);
    const expected = Array.from(source, srgbByte);
    t.strictSame(
      image.flatMap((line) => line.filter((_, i) => i % 3 === 0)),
      expected,
    );
    t.equal(image.length * columns, source.length);
  });

t.test('mip levels are read where they are enough', async (t) => {
  const document = await opened(t, 'reference/tiles_mipmap.exr');
  const [part] = document.header.parts;
  const channels = part?.channels.filter(({ type }) => type === 'float').slice(0, 1) ?? [];
  if (!part) return t.fail('no part');
  const whole = frameOf(part, 'data', undefined);
  const resolution = (share: number) => {
    const size = { width: Math.floor(whole.width * share), height: Math.floor(whole.height * share) };
    return resolutionFor(document.arrived, part, channels, frameOf(part, 'data', size), document.source);
  };
  t.strictSame(resolution(1), fullResolution);
  t.strictSame(resolution(0.9), fullResolution);
  t.strictSame(resolution(0.25), { kind: 'level', level: 2 });
  const bands = [];
  for await (const band of readBands(document, part, channels, { kind: 'level', level: 2 }, options)) bands.push(band);
  t.equal(bands[0]?.columns, Math.ceil(whole.width / 4), 'of its size');
  const rows = bands.reduce((sum, band) => sum + band.rows, 0);
  t.equal(rows, Math.ceil(whole.height / 4));
  const covered = bands.reduce((sum, { height }) => sum + height, 0);
  t.ok(Math.abs(covered - whole.height) < 1e-6, 'they cover the window');
});

t.test('HTJ2K is read at a lower resolution for colours, never for IDs', async (t) => {
  const document = await opened(t, 'htj2k/mixed.htj2k32.exr');
  const [part] = document.header.parts;
  if (!part) return t.fail('no part');
  const colour = part.channels.filter(({ name }) => name === 'R');
  const frame = frameOf(part, 'data', { width: 12, height: 12 });
  t.match(resolutionFor(document.arrived, part, colour, frame, document.source), { kind: 'reduced' });
  const small = await linesOf(document, lookOfChannel(document.header, 'R', undefined), {
    size: { width: 12, height: 12 },
  });
  t.equal(small.image.length, small.rows);
  const depth = await linesOf(document, lookOfChannel(document.header, 'Z', undefined), {
    size: { width: 12, height: 12 },
  });
  t.equal(depth.ranges.length, 1);
});

t.test('alpha is laid over grey, a checker or black, or kept', async (t) => {
  const document = await opened(t, 'single/b6_Combined.exr');
  const look = defaultLook(document.header);
  const results = await Promise.all(
    (['grey', 'checker', 'black', 'none'] as const).map((background) => linesOf(document, look, { background })),
  );
  t.strictSame(
    results.map(({ channels }) => channels),
    [3, 3, 3, 4],
  );
  const corners = results.map(({ image }) => image[0]?.slice(0, 4));
  t.strictSame(corners.map((corner) => corner?.slice(0, 3)).slice(0, 1), [[118, 118, 118]], 'grey is 18 %');
  t.equal(corners[3]?.[3], 0, 'transparent');
});

t.test('exposure is in stops', async (t) => {
  const document = await opened(t, 'single/b6_Combined.exr');
  const [part] = document.header.parts;
  const look = lookOfChannel(document.header, 'R', undefined);
  const source = part ? await plane(document, part, 'R') : new Float32Array();
  const { image } = await linesOf(document, look, { exposure: 2 });
  t.strictSame(
    image.flatMap((line) => line.filter((_, i) => i % 3 === 0)),
    Array.from(source, (value) => srgbByte(value * 4)),
  );
});

t.test('the IDs of a Cryptomatte have their colours, and legends hear of them', async (t) => {
  const document = await opened(t, 'blender/b2_main_dot.0001.exr');
  const preview = await makePreview(document, lookOfLayer(document.header, 'CryptoObject'), options);
  const ids = new Set<number>();
  let lines = 0;
  for await (const _ of preview.lines((row) => row.forEach((id) => void ids.add(id)))) lines += 1;
  t.equal(lines, preview.rows);
  t.ok(ids.size > 2);
});

t.test('views stand side by side, and a stream may be read twice', async (t) => {
  const bytes = fixture('blender/b2_main_dot.0001.exr');
  const document = await openInput(inPieces(bytes, 999));
  t.teardown(() => document.source.close());
  const [only] = defaultLook(document.header).views;
  if (!only) return t.fail('no view');
  const look: Look = { layer: '', kind: 'colour', views: [only, only] };
  const { image, columns } = await linesOf(document, look);
  t.ok(image.every((line) => line.slice(0, (columns / 2) * 3).join() === line.slice((columns / 2) * 3).join()));
  const again = await linesOf(document, { ...look, views: [only] }, { window: 'display' });
  t.ok(again.image.length > 0);
});

t.test('pixels that are not square are stretched', async (t) => {
  const document = await opened(t, 'single/b6_Combined.exr');
  const [part] = document.header.parts;
  if (!part) return t.fail('no part');
  const value = new Uint8Array(Float32Array.of(2).buffer);
  const wide = { ...part, attributes: part.attributes.with('pixelAspectRatio', { type: 'float', value }) };
  const { columns, rows, width, height } = frameOf(wide, 'data', undefined);
  t.strictSame([columns, rows], [width * 2, height]);
  const channels: readonly Channel[] = wide.channels.filter(({ name }) => name === 'R');
  const stretched = { ...document, header: { ...document.header, parts: [wide] } };
  const look: Look = { layer: 'R', kind: 'grey', views: [{ view: '', part: 0, channels }] };
  const { image } = await linesOf(stretched, look);
  t.ok(
    image.every((line) => line.every((byte, i) => i % 6 < 3 || byte === line[i - 3])),
    'each pixel is there twice',
  );
});
