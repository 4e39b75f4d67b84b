// Damaged chunks: whatever the bytes, a decoder answers with samples or a CodecError, promptly, reads nothing that is
// not its own and writes nothing but its output and scratch.
import fc from 'fast-check';
import t from 'tap';
import { type ChunkLayout, CodecError, compileModule, createCodecs } from '../src/index.js';
import { Instance } from '../src/instance.js';
import { placeChannelTable, planarSize } from '../src/layout.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { holds } from './holds.js';
import { readVectors, type VectorChunk } from './vectors.js';

const module = await compileModule();
if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
const vectors = readVectors();
const METHODS = [...new Set(vectors.chunks.map((chunk) => chunk.compression))];
const RUNS = 200;
// No chunk of the vectors takes a millisecond when it is whole. One that took seconds would not be done within the file's time limit.

/** One thing that happens to a chunk's bytes on a bad disk, or in the hands of someone with time. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant('set'), at: fc.nat(), value: fc.nat(255) }),
  fc.record({ kind: fc.constant('flip'), at: fc.nat(), value: fc.nat(7) }),
  fc.record({ kind: fc.constant('cut'), at: fc.nat(), value: fc.nat() }),
  fc.record({ kind: fc.constant('remove'), at: fc.nat(), value: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('repeat'), at: fc.nat(), value: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant('fill'), at: fc.nat(), value: fc.nat(255) }),
  // The first bytes of a chunk are where the sizes and tables are.
  fc.record({ kind: fc.constant('set'), at: fc.nat(100), value: fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff) }),
);

function damaged(packed: Uint8Array, steps: readonly { kind: string; at: number; value: number }[]): Uint8Array {
  let bytes = [...packed];
  for (const { kind, at, value } of steps) {
    const i = bytes.length === 0 ? 0 : at % bytes.length;
    if (kind === 'set') bytes[i] = value;
    else if (kind === 'flip') bytes[i] = (bytes[i] ?? 0) ^ (1 << value);
    else if (kind === 'cut') bytes = bytes.slice(0, i);
    else if (kind === 'remove') bytes.splice(i, value);
    else if (kind === 'repeat') bytes.splice(i, 0, ...bytes.slice(i, i + value));
    else bytes.fill(value, i, i + 8);
  }
  return Uint8Array.from(bytes);
}

/** What a kernel leaves behind. */
interface Outcome {
  readonly status: number;
  readonly planar: Uint8Array;
  readonly strayWrites: number;
}

const MARGIN = 4096;
/** More than any codec takes for a chunk of the vectors, so that all its memory is poisoned. */
const ARENA = 24 * 2 ** 20;

/**
 * Runs a decoder through the module's plain interface, in memory that was filled with `poison` before. The source,
 * the table and the output lie between margins that nobody may write to; all but the margins' first bytes are checked,
 * since 16 bytes behind each buffer are scratch by agreement.
 */
function run(instance: Instance, kernel: string, layout: ChunkLayout, packed: Uint8Array, poison: number): Outcome {
  instance.reset();
  instance.view(instance.allocate(ARENA), ARENA).fill(poison);
  instance.reset();
  const size = planarSize(layout);
  const first = instance.allocate(MARGIN);
  const source = instance.place(packed);
  const second = instance.allocate(MARGIN);
  const planar = instance.allocate(size);
  const third = instance.allocate(MARGIN);
  const table = placeChannelTable(instance, layout);
  const names = new TextEncoder().encode(layout.channels.map(({ name }) => `${name}\0`).join(''));
  const more = kernel === 'dwaDecode' ? [instance.place(names), names.length] : [];
  const last = instance.allocate(MARGIN);
  const checked = [first, second, third, last].map((at) => ({ at: at + 16, size: MARGIN - 16 }));
  checked.push({ at: source, size: packed.length });
  checked.push({ at: table, size: layout.channels.length * 32 });
  const before = checked.map((region) => instance.view(region.at, region.size).slice());
  const decode = instance.kernel(kernel);
  const count = layout.channels.length;
  const status = decode(source, packed.length, planar, size, table, count, layout.y, layout.height, ...more);
  const changed = checked.filter((region, i) => {
    const now = instance.view(region.at, region.size);
    return Buffer.compare(now, before[i] ?? new Uint8Array(0)) !== 0;
  });
  return { status, planar: instance.view(planar, size).slice(), strayWrites: changed.length };
}

const KERNELS: Readonly<Record<string, string>> = {
  none: 'noneDecode',
  rle: 'rleDecode',
  zips: 'zipDecode',
  zip: 'zipDecode',
  piz: 'pizDecode',
  pxr24: 'pxr24Decode',
  b44: 'b44Decode',
  b44a: 'b44Decode',
  dwaa: 'dwaDecode',
  dwab: 'dwaDecode',
};

for (const method of METHODS) {
  const kernel = KERNELS[method] ?? '';
  // Chunks stored raw would only exercise `none`.
  const chunks = vectors.chunks.filter(
    (chunk) => chunk.compression === method && (method === 'none' || chunk.packed.length < planarSize(chunk.layout)),
  );
  const anyChunk: fc.Arbitrary<VectorChunk> = fc.constantFrom(...chunks);

  t.test(`${method}: damaged chunks stay in their memory`, async (t) => {
    // One after the other in the same instance, as in real use: a bad chunk must not spoil the next one.
    const instance = new Instance(module, nodeEntropy, 2 ** 28);
    let refused = 0;
    fc.assert(
      fc.property(anyChunk, fc.array(damage, { minLength: 1, maxLength: 6 }), ({ layout, packed }, steps) => {
        const bytes = damaged(packed, steps);
        const one = run(instance, kernel, layout, bytes, 0x00);
        const two = run(instance, kernel, layout, bytes, 0xa5);
        // Anything read from outside, or left unwritten, would differ with the poison.
        if (one.status !== two.status) throw new Error(`status ${one.status} or ${two.status}`);
        if (one.status === 0 && Buffer.compare(one.planar, two.planar) !== 0) throw new Error('samples differ');
        if (one.strayWrites + two.strayWrites !== 0) throw new Error('wrote outside its output');
        if (one.status > 0 || one.status < -6) throw new Error(`status ${one.status}`);
        if (one.status < 0) ++refused;
      }),
      { numRuns: RUNS },
    );
    t.ok(method === 'b44' || method === 'b44a' || refused > 0, `${refused} of ${RUNS} refused`);
  });

  t.test(`${method}: arbitrary bytes give samples or a CodecError`, async (t) => {
    const codecs = await createCodecs({ module });
    holds(
      t,
      fc.property(anyChunk, fc.uint8Array({ maxLength: 600 }), ({ layout, packed, decoded }, bytes) => {
        const size = planarSize(layout);
        try {
          if (codecs.decode(method, layout, bytes).length !== size) throw new Error('wrong size');
        } catch (error) {
          if (!(error instanceof CodecError) || error.code === 'internal') throw error;
        }
        if (codecs.decode(method, layout, packed).length !== size) throw new Error(`cannot decode ${decoded} any more`);
      }),
      { numRuns: RUNS },
    );
  });
}

t.test('a zlib bomb is stopped at the size of the chunk', async (t) => {
  const codecs = await createCodecs({ module });
  const bomb = nodeEntropy.deflate(new Uint8Array(2 ** 26), 9);
  const layout = {
    x: 0,
    y: 0,
    width: 40_000,
    height: 1,
    channels: [{ name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const],
  };
  for (const method of ['zips', 'zip', 'pxr24'] as const) {
    t.throws(() => codecs.decode(method, layout, bomb), { code: 'too-large' });
  }
});
