/** What three.js, and every page made with it, reads of our files: its loader shares no code with OpenEXR. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { EXRLoader } from 'three/examples/jsm/loaders/EXRLoader.js';
import { compress, pick } from '../../filters/index.js';
import { type Compression, openExr, runFrame } from '../../lib/index.js';
import { readSamples } from '../../lib/node/pipeline.js';
import { fixturePath, temporaryFolder } from '../support.js';

/** FloatType of three.js. */
const floats = 1015;

/** R, G, B and A pixel by pixel, line by line from the top, as three.js has them. */
async function byThree(path: string): Promise<{ width: number; rgba: Float32Array }> {
  const bytes = new Uint8Array(await readFile(path));
  const { width, height, data } = new EXRLoader().setDataType(floats).parse(bytes.buffer);
  const rgba = new Float32Array(data.length);
  // Its lines come from the bottom.
  for (let y = 0; y < height; y++)
    rgba.set(data.subarray((height - 1 - y) * width * 4, (height - y) * width * 4), y * width * 4);
  return { width, rgba };
}

/** The same by exrpipe, which the digests of the reference library hold to its pixels; alpha is 1 where there is none. */
async function byExrpipe(path: string): Promise<Float32Array> {
  const document = await openExr(path);
  try {
    const [part] = document.header.parts;
    if (!part) throw new Error('no part');
    const { xMin, yMin, xMax, yMax } = part.dataWindow;
    const width = xMax - xMin + 1;
    const rgba = new Float32Array(width * (yMax - yMin + 1) * 4);
    for (const [component, name] of ['R', 'G', 'B', 'A'].entries()) {
      if (!part.channels.some((channel) => channel.name === name)) {
        for (let at = component; at < rgba.length; at += 4) rgba[at] = 1;
        continue;
      }
      for await (const { region, samples } of readSamples(document, part, [name]))
        for (const [i, value] of (samples[0] as Float32Array).entries()) {
          const y = region.y - yMin + Math.floor(i / region.width);
          rgba[(y * width + region.x - xMin + (i % region.width)) * 4 + component] = value;
        }
    }
    return rgba;
  } finally {
    await document.source.close();
  }
}

/** Largest difference, as part of the value where that is above 1. */
function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return a.reduce((most, value, i) => {
    const other = b[i] as number;
    return Math.max(most, Math.abs(value - other) / Math.max(1, Math.abs(other)));
  }, 0);
}

const lossless = ['none', 'rle', 'zips', 'zip', 'piz'] as const satisfies readonly Compression[];

t.test('three.js reads the pixels of every codec that it has', async (t) => {
  const folder = await temporaryFolder(t);
  const methods = new Set<string>();
  for (const name of ['reference/scan_zip.exr', 'reference/scan_dwaa.exr', 'cases/black8.exr'])
    for (const to of [...lossless, 'pxr24', 'dwaa', 'dwab'] as const) {
      const out = join(folder, `${to}.exr`);
      const steps = [pick({ channel: ['[RGBA]'] }), compress({ to })];
      const report = await runFrame([fixturePath(name)], steps, out, { allowLossy: true });
      methods.add(`${report.plan[0]?.method} to ${to}`);
      const { rgba } = await byThree(out);
      const off = difference(rgba, await byExrpipe(out));
      // Its inverse transform of DWA rounds elsewhere than OpenEXR's, by a step of half at most.
      t.ok(off <= (to.startsWith('dwa') ? 2 ** -10 : 0), `${name} as ${to}: off by ${off}`);
    }
  t.ok(methods.has('splice to dwaa') && methods.has('transcode to dwaa'), 'chunks made of samples and of chunks');
});
