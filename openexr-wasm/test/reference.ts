// Not part of the test run, since it needs OpenEXR's development files: decodes every chunk of the flat parts of EXR
// files and compares the samples with the reference library's, bit by bit. After `npm run build`:
//
//   make -C test/vectors dump
//   node dist/test/reference.js <file.exr>...
//
// Lossless chunks are also re-encoded and decoded again.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type ChunkLayout, type Compression, createCodecs } from '../src/index.js';

type Line = ChunkLayout & {
  readonly where: string;
  readonly compression: Compression;
  readonly packed: number;
  readonly planar: number;
};

const NEWLINE = 10;
const LOSSLESS: readonly Compression[] = ['none', 'rle', 'zips', 'zip', 'piz'];

const codecs = await createCodecs();
const dump = fileURLToPath(new URL('../native/dump', import.meta.url));
const total = { chunks: 0, different: 0 };

for (const file of process.argv.slice(2)) {
  const { stdout, stderr, error } = spawnSync(dump, [file], { maxBuffer: 2 ** 31 });
  if (error) throw error;
  process.stderr.write(stderr);
  const methods = new Set<string>();
  let chunks = 0;
  let different = 0;
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(NEWLINE, at);
    const line: Line = JSON.parse(stdout.toString('utf8', at, end));
    const packed = stdout.subarray(end + 1, end + 1 + line.packed);
    at = end + 1 + line.packed + line.planar;
    const expected = stdout.subarray(at - line.planar, at);
    methods.add(line.compression);
    ++chunks;
    if (!agrees(line, packed, expected)) ++different;
  }
  total.chunks += chunks;
  total.different += different;
  console.log(`${file}: ${[...methods].join(', ')}, ${chunks} chunks, ${different} different`);
}
console.log(`${total.chunks} chunks, ${total.different} different`);
process.exitCode = total.different === 0 ? 0 : 1;

function agrees(line: Line, packed: Uint8Array, expected: Uint8Array): boolean {
  try {
    if (Buffer.compare(codecs.decode(line.compression, line, packed), expected) !== 0) {
      console.error(`${line.where}: ${line.compression} chunk at ${line.x}, ${line.y} differs`);
      return false;
    }
    if (!LOSSLESS.includes(line.compression)) return true;
    const again = codecs.decode(line.compression, line, codecs.encode(line.compression, line, expected));
    return Buffer.compare(again, expected) === 0;
  } catch (error) {
    console.error(`${line.where}: ${line.compression} chunk at ${line.x}, ${line.y}: ${String(error)}`);
    return false;
  }
}
