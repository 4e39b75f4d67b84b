// Writes htj2k.jsonl: chunks out of files that OpenEXR 3.4.15 (one tile-part) and 3.5.3 (six, and TLM) wrote, and digests
// of their channels' samples, which are those of a ZIP file that the same library wrote.
//   node test/vectors/htj2k.mjs ../../shared/corpus > test/vectors/htj2k.jsonl      (after npm run build)
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createCodecs } from '../../dist/src/index.js';

const [corpus, which] = process.argv.slice(2);
/** Chunks of LJ2K, with what OpenEXR 3.5.3 decodes of them: `node test/vectors/htj2k.mjs CORPUS lj2k > test/vectors/lj2k.jsonl`. */
const LJ2K = [
  ['openexr35/lj2k/half_rgb_no_padding_65x33.lj2k', 0],
  ['openexr35/lj2k/half_rgb.q1.lj2k', 0],
  ['openexr35/lj2k/float_rgb.q30.lj2k', 0],
  ['openexr35/lj2k/legacy_3.5.1_half.lj2k', 0],
  ['openexr35/lj2k/two_triples.lj2k', 0],
];
const HTJ2K = [
  ['htj2k/const.htj2k32', 0, 1],
  ['htj2k/zero.htj2k256', 0],
  ['htj2k/uint_id.htj2k32', 0, 1],
  ['openexr35/htj2k/float_z.htj2k32', 0],
  ['openexr35/htj2k/const.htj2k256', 0],
  ['openexr35/htj2k/zero.htj2k32', 0],
  ['openexr35/htj2k/half_y_65x33.htj2k32', 0],
  ['openexr35/htj2k/half_rgb_300.htj2k32', 0],
  ['openexr35/htj2k/float_rgb.htj2k32', 1],
  ['openexr35/htj2k/row_301x1.htj2k32', 0],
  ['openexr35/htj2k/mixed.htj2k32', 1],
  ['openexr35/htj2k/crypto.htj2k32', 1],
  ['openexr35/htj2k/subsampled.htj2k32', 1],
  ['openexr35/htj2k/special_half.htj2k32', 1],
  ['openexr35/htj2k/negative_window.htj2k32', 1],
  ['openexr35/htj2k/mip_down.htj2k32', 0],
];
const PICKED = which === 'lj2k' ? LJ2K : HTJ2K;
const LINES = { 3: 16, 10: 256, 11: 32, 12: 256 };
const TYPES = ['uint', 'half', 'float'];

/** A single-part file with increasing lines, or tiles of which the first level is read. */
function read(path) {
  const file = readFileSync(path);
  const tiled = (file.readUInt32LE(4) & 0x200) !== 0;
  const attributes = {};
  let at = 8;
  const text = () => {
    const end = file.indexOf(0, at);
    const value = file.toString('latin1', at, end);
    at = end + 1;
    return value;
  };
  while (file[at] !== 0) {
    const name = text();
    text();
    const length = file.readUInt32LE(at);
    attributes[name] = file.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  const channels = [];
  for (let list = attributes.channels; list[0] !== 0; ) {
    const end = list.indexOf(0);
    const field = (n) => list.readInt32LE(end + 1 + 4 * n);
    const [name, type] = [list.toString('latin1', 0, end), TYPES[field(0)]];
    channels.push({ name, type, xSampling: field(2), ySampling: field(3), linear: list[end + 5] !== 0 });
    list = list.subarray(end + 17);
  }
  const [left, top, right, bottom] = [0, 4, 8, 12].map((n) => attributes.dataWindow.readInt32LE(n));
  const lines = tiled ? attributes.tiles.readInt32LE(4) : LINES[attributes.compression[0]];
  const columns = tiled ? attributes.tiles.readInt32LE(0) : right - left + 1;
  const count = Math.ceil((bottom - top + 1) / lines) * Math.ceil((right - left + 1) / columns);
  return Array.from({ length: count }, (_, i) => {
    let chunk = Number(file.readBigUInt64LE(at + 1 + 8 * i));
    const [x, y] = tiled
      ? [left + columns * file.readInt32LE(chunk), top + lines * file.readInt32LE(chunk + 4)]
      : [left, file.readInt32LE(chunk)];
    chunk += tiled ? 16 : 4;
    const [width, height] = [Math.min(columns, right + 1 - x), Math.min(lines, bottom + 1 - y)];
    const packed = file.subarray(chunk + 4, chunk + 4 + file.readUInt32LE(chunk));
    return { tiled, x, y, width, height, channels, packed: new Uint8Array(packed) };
  });
}

const codecs = await createCodecs();

/** The samples of a channel within a chunk's window, of chunks that are as wide. */
function samples(chunks, window, number) {
  const { type, xSampling, ySampling } = window.channels[number];
  const stride = Math.ceil(window.width / xSampling) * (type === 'half' ? 2 : 4);
  const lines = [];
  for (const { packed, ...layout } of chunks) {
    if (layout.x !== window.x || (layout.tiled && layout.y !== window.y)) continue;
    const plane = codecs.decode('zip', layout, packed, [number]);
    let line = 0;
    for (let y = layout.y; y < layout.y + layout.height; ++y) {
      if (y % ySampling !== 0) continue;
      if (y >= window.y && y < window.y + window.height) lines.push(plane.slice(line * stride, (line + 1) * stride));
      ++line;
    }
  }
  return Buffer.concat(lines);
}

for (const [name, ...numbers] of PICKED) {
  const [chunks, twin] = [name, name.replace(/htj2k\d+$/, 'zip').replace(/lj2k$/, 'decoded.zip')].map((path) =>
    read(`${corpus}/${path}.exr`),
  );
  for (const number of numbers) {
    const { packed, tiled, ...layout } = chunks[number];
    const digest = (_, i) =>
      createHash('sha256')
        .update(samples(twin, layout, i))
        .digest('hex');
    const compression = name.split('.').at(-1);
    const line = { name: `${name}:${number}`, compression, ...layout, decoded: layout.channels.map(digest) };
    console.log(JSON.stringify({ ...line, packed: Buffer.from(packed).toString('base64') }));
  }
}
