// Writes htj2k-foreign.jsonl: chunks around codestreams of another encoder than OpenEXR's, with other code-blocks, numbers of
// decompositions, progressions and precincts, and halves without NLT. Their samples are what went in (the encoder is lossless).
//   npm install @cornerstonejs/codec-openjph@2.4.11 somewhere, and from there
//   node .../test/vectors/htj2k-foreign.mjs > .../test/vectors/htj2k-foreign.jsonl
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'index.js'));
const openjph = await require('@cornerstonejs/codec-openjph/wasmjs')();

const CASES = [
  { name: 'blocks 64 x 64', width: 70, height: 66, blocks: [64, 64] },
  { name: 'blocks 4 x 1024', width: 21, height: 50, blocks: [4, 1024] },
  { name: 'blocks 1024 x 4', width: 60, height: 21, blocks: [1024, 4] },
  { name: 'blocks 4 x 4', width: 33, height: 21, blocks: [4, 4] },
  { name: 'no decomposition', width: 33, height: 20, levels: 0, smooth: true },
  { name: 'one decomposition', width: 33, height: 20, levels: 1 },
  { name: 'eight decompositions', width: 40, height: 35, levels: 8 },
  { name: 'LRCP', width: 33, height: 20, progression: 0, components: 3 },
  { name: 'RLCP', width: 33, height: 20, progression: 1, components: 3 },
  { name: 'PCRL', width: 33, height: 20, progression: 3, components: 3, precincts: [16, 8] },
  { name: 'CPRL', width: 33, height: 20, progression: 4, components: 3, precincts: [8, 32] },
  { name: 'precincts 16 x 16', width: 50, height: 37, precincts: [16, 16], components: 3 },
];

for (const [number, one] of CASES.entries()) {
  const {
    name,
    width,
    height,
    components = 1,
    smooth = false,
    levels = 3,
    blocks = [64, 64],
    progression = 2,
    precincts,
  } = one;
  const encoder = new openjph.HTJ2KEncoder();
  const info = {
    width,
    height,
    bitsPerSample: 16,
    componentCount: components,
    isSigned: true,
    isUsingColorTransform: components === 3,
  };
  const { buffer, byteOffset } = encoder.getDecodedBuffer(info);
  const pixels = new Int16Array(buffer, byteOffset, width * height * components);
  // This build of the encoder takes the first values for every component.
  const plane = new Int16Array(width * height);
  let state = number + 1;
  for (let i = 0; i < width * height; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [x, y] = [i % width, Math.floor(i / width)];
    const noise = x > 20 && !smooth ? state >>> 26 : 0;
    plane[i] = Math.round((smooth ? 90 : 9000) * Math.sin(x / 9) + (smooth ? 1 : 60) * y - 1000 + noise);
  }
  pixels.set(plane);
  encoder.setQuality(true, 0);
  encoder.setDecompositions(levels);
  encoder.setProgressionOrder(progression);
  encoder.setBlockDimensions({ width: blocks[0], height: blocks[1] });
  if (precincts) {
    encoder.setNumPrecincts(1);
    encoder.setPrecinct(0, { width: precincts[0], height: precincts[1] });
  }
  encoder.encode();
  const codestream = Buffer.from(encoder.getEncodedBuffer());
  const header = Buffer.alloc(8 + 2 * components);
  header.write('HT', 'latin1');
  header.writeUInt32BE(2 + 2 * components, 2);
  header.writeUInt16BE(components, 6);
  // Red, green and blue first, where files have blue first.
  for (let c = 0; c < components; ++c) header.writeUInt16BE(components - 1 - c, 8 + 2 * c);
  const names = components === 3 ? ['B', 'G', 'R'] : ['Y'];
  const channels = names.map((own) => ({ name: own, type: 'half', xSampling: 1, ySampling: 1, linear: false }));
  const digest = createHash('sha256').update(new Uint8Array(plane.buffer)).digest('hex');
  const decoded = names.map(() => digest);
  const packed = Buffer.concat([header, codestream]).toString('base64');
  console.log(JSON.stringify({ name, compression: 'htj2k32', x: 0, y: 0, width, height, channels, decoded, packed }));
  encoder.delete();
}
