// Writes htj2k-passes.jsonl: chunks with two and three coding passes a code-block, which OpenEXR never writes, and what OpenJPH
// decodes of them. They are chunks made by this package's encoder (one pass each), whose bands are said to have one or two bits
// more, and whose blocks get further passes of arbitrary bytes, which mean something whatever they are.
//   npm install @cornerstonejs/codec-openjph@2.4.11 somewhere, and from there
//   node .../test/vectors/htj2k-passes.mjs > .../test/vectors/htj2k-passes.jsonl
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readBlocks } from '../../dist/src/htj2k/packets.js';
import { readChunk } from '../../dist/src/htj2k/read.js';
import { writeMainHeader } from '../../dist/src/htj2k/write-header.js';
import { createCodecs } from '../../dist/src/index.js';

const require = createRequire(join(process.cwd(), 'index.js'));
const openjph = await require('@cornerstonejs/codec-openjph/wasmjs')();
const codecs = await createCodecs();
const channels = ['B', 'G', 'R'].map((name) => ({ name, type: 'half', xSampling: 1, ySampling: 1, linear: false }));

let state = 1;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};

/** Bytes without markers among them: less than 0x80 behind 0xff, which is not the last one. */
function anyBytes(length) {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; ++i) {
    bytes[i] = random(3) === 0 ? 0xff : random(256);
    if (bytes[i - 1] === 0xff || i === length - 1) bytes[i] &= 0x7f;
  }
  return bytes;
}

/** Bits as packet headers have them. */
class Bits {
  bytes = [];
  #part = 0;
  #left = 8;
  put(value, count = 1) {
    for (let i = count - 1; i >= 0; --i) {
      this.#part = (this.#part << 1) | ((value >>> i) & 1);
      if (--this.#left === 0) this.flush();
    }
  }
  flush() {
    this.bytes.push((this.#part << this.#left) & 0xff);
    this.#left = this.bytes.at(-1) === 0xff ? 7 : 8;
    this.#part = 0;
  }
  finish() {
    if (this.#left < 8 || this.bytes.at(-1) === 0xff) this.flush();
    return Buffer.from(this.bytes);
  }
}

/** The packets of a codestream whose bands have a block each, with more passes. */
function packetsOf(codestream, passes) {
  const { packets, blocks } = readBlocks(codestream);
  const pieces = [];
  for (let i = 0; i < packets.count; ++i) {
    const c = packets.component[i];
    const bits = new Bits();
    const bodies = [];
    bits.put(1);
    for (const band of packets.plans[c].resolutions[packets.resolution[i]].bands) {
      if (band.width * band.height === 0) continue;
      const [start, length, , own, zeroPlanes] = blocks.records.subarray(5 * (blocks.first[c] + band.firstBlock));
      bits.put(own > 0 ? 1 : 0);
      if (own === 0) continue;
      bits.put(0, zeroPlanes);
      bits.put(1);
      if (passes === 2) bits.put(2, 2);
      else bits.put(12, 4);
      // Lengths of eleven bits, and of one more for two passes.
      bits.put(255, 8);
      bits.put(0);
      const more = anyBytes(1 + random(1 + (band.width * band.height) / 3));
      bits.put(length, 11);
      bits.put(more.length, passes === 2 ? 11 : 12);
      bodies.push(codestream.bytes.subarray(start, start + length), more);
    }
    pieces.push(bits.finish(), ...bodies);
  }
  return Buffer.concat(pieces);
}

for (const [width, height, passes, style, more, step] of [
  [33, 29, 2, 0x40, 1, 3],
  [33, 29, 3, 0x40, 1, 3],
  [50, 31, 3, 0x40, 2, 40],
  [61, 32, 3, 0x48, 1, 1],
  [40, 30, 2, 0x48, 2, 20],
  [37, 23, 3, 0x40, 1, 2],
]) {
  const layout = { x: 0, y: 0, width, height, channels };
  const planar = new Int16Array(3 * width * height);
  for (let i = 0; i < planar.length; ++i) planar[i] = Math.max(0, random(9) < 3 ? random(step + 1) : 0) * 20;
  const source = readChunk(codecs.encode('htj2k32', layout, new Uint8Array(planar.buffer)), 3);
  const { codestream } = source;
  const components = codestream.components.map((component) => {
    const { quantization, coding } = component;
    const bytes = quantization.bytes.map((byte, i) => (i === 0 ? byte : byte + (more << 3)));
    const magnitudeBits = quantization.magnitudeBits.map((own) => own + more);
    const styled = Uint8Array.from(coding.bytes);
    styled[3] = style;
    return { ...component, quantization: { bytes, magnitudeBits }, coding: { ...coding, bytes: styled } };
  });
  const header = Buffer.from(writeMainHeader({ ...codestream, components, comments: [] }));
  const body = packetsOf(codestream, passes);
  const sot = Buffer.alloc(14);
  sot.writeUInt32BE(0xff90000a, 0);
  sot.writeUInt32BE(sot.length + body.length, 6);
  sot.writeUInt16BE(0x0001, 10);
  sot.writeUInt16BE(0xff93, 12);
  const stream = Buffer.concat([header, sot, body, Buffer.of(0xff, 0xd9)]);
  const decoder = new openjph.HTJ2KDecoder();
  decoder.getEncodedBuffer(stream.length).set(stream);
  decoder.decode();
  const pixels = Buffer.from(decoder.getDecodedBuffer());
  decoder.delete();
  const planes = [2, 1, 0].map((c) => {
    const plane = Buffer.alloc(2 * width * height);
    for (let i = 0; i < width * height; ++i) plane.writeUInt16LE(pixels.readUInt16LE(2 * (3 * i + c)), 2 * i);
    return plane;
  });
  const front = Buffer.from([0x48, 0x54, 0, 0, 0, 8, 0, 3, 0, 2, 0, 1, 0, 0]);
  const packed = Buffer.concat([front, stream]).toString('base64');
  const name = `${passes} passes, ${width} x ${height}, style ${style.toString(16)}, ${more} bits more`;
  const decoded = planes.map((plane) => createHash('sha256').update(plane).digest('hex'));
  console.log(JSON.stringify({ name, compression: 'htj2k32', ...layout, decoded, packed }));
}
