// Damaged HTJ2K chunks: whatever the bytes, there are samples or a CodecError, nothing outside is read or written, and the next
// chunk is decoded as ever. (hostile.test.ts does the same for codecs that are one call of the module.)
import fc from 'fast-check';
import t from 'tap';
import { decodeHtj2k } from '../src/htj2k/index.js';
import { readBlocks } from '../src/htj2k/packets.js';
import { readChunk } from '../src/htj2k/read.js';
import { CodecError, compileModule, createCodecs, planarSize } from '../src/index.js';
import { Instance } from '../src/instance.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { type HtVector, readForeignVectors, readHtVectors, readLjVectors } from './htj2k-vectors.js';
import { sha256 } from './vectors.js';

const module = await compileModule();
if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
const vectors = [...readHtVectors(), ...readForeignVectors(), ...readLjVectors()];

/** More than any of the vectors takes, so that all its memory is poisoned. */
const ARENA = 8 * 2 ** 20;
const MEMORY_LIMIT = 2 ** 26;

const someVector = fc.constantFrom(...vectors.map(({ name }) => name)).map((name) => {
  const vector = vectors.find((own) => own.name === name) as HtVector;
  return { ...vector, [fc.toStringMethod]: () => name };
});

/** The samples of a decode in memory that was filled with `poison`, or the error's code. */
function run(instance: Instance, vector: HtVector, packed: Uint8Array, poison: number): string {
  instance.reset();
  instance.view(instance.allocate(ARENA), ARENA).fill(poison);
  instance.reset();
  try {
    return sha256(decodeHtj2k(instance, vector, packed, undefined, vector.compression === 'lj2k').slice());
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    if (error.code === 'internal' || error.code === 'bad-argument') throw error;
    return error.code;
  }
}

/** Places from 0 to 1, evenly: fc.double would mean the first byte nearly always. */
const place = fc.noBias(fc.nat(2 ** 20)).map((n) => n / 2 ** 20);
const changes = fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 5 });

/** Damage anywhere, and damage in code-blocks alone, which the parser cannot see. */
for (const where of ['chunk', 'code-blocks'] as const) {
  t.test(`damage in the ${where}`, async (t) => {
    const instance = new Instance(module, nodeEntropy, MEMORY_LIMIT);
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(someVector, changes, (vector, list) => {
        const packed = vector.packed.slice();
        const places = where === 'chunk' ? undefined : blockBytes(vector);
        for (const [part, value] of list) {
          const at = Math.floor(part * ((places ?? packed).length - 1));
          packed[places?.[at] ?? at] = value;
        }
        const outcome = run(instance, vector, packed, 0);
        // What was read from outside, or left unwritten, would differ with the poison.
        if (run(instance, vector, packed, 0xa5) !== outcome) throw new Error('depends on memory outside');
        const kind = outcome.length === 64 ? 'samples' : outcome;
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      }),
      { numRuns: 1500 },
    );
    t.ok((outcomes.get('samples') ?? 0) > 100, `${outcomes.get('samples')} give samples`);
    t.ok((outcomes.get('corrupt') ?? 0) > 100, `${outcomes.get('corrupt')} are refused`);
    for (const vector of vectors.slice(0, 3)) {
      const codecs = await createCodecs({ module });
      const whole = sha256(codecs.decode('htj2k32', vector, vector.packed));
      t.equal(run(instance, vector, vector.packed, 0), whole, 'the next chunk is decoded as ever');
    }
  });
}

/** Where the bytes of code-blocks are. */
function blockBytes({ packed, channels }: HtVector): number[] {
  const { records } = readBlocks(readChunk(packed, channels.length).codestream).blocks;
  const places: number[] = [];
  for (let at = 0; at < records.length; at += 5) {
    const [start = 0, length = 0] = records.subarray(at, at + 2);
    for (let i = 0; i < length; ++i) places.push(start + i);
  }
  return places.length > 0 ? places : [packed.length - 1];
}

t.test('arbitrary bytes after the headers', async (t) => {
  const instance = new Instance(module, nodeEntropy, MEMORY_LIMIT);
  const refused = new Set<string>();
  fc.assert(
    fc.property(someVector, fc.uint8Array({ maxLength: 400 }), (vector, bytes) => {
      const { header, codestream } = readChunk(vector.packed, vector.channels.length);
      const kept = codestream.bodies[0] ?? header.size;
      const packed = Buffer.concat([vector.packed.subarray(0, kept), bytes]);
      refused.add(run(instance, vector, new Uint8Array(packed), 0x5a));
    }),
    { numRuns: 500 },
  );
  t.ok(refused.has('truncated') || refused.has('corrupt'));
});

t.test('memory is bounded', async (t) => {
  const layout = {
    x: 0,
    y: 0,
    width: 2 ** 15,
    height: 256,
    channels: [{ name: 'Z', type: 'float', xSampling: 1, ySampling: 1, linear: false } as const],
  };
  const codecs = await createCodecs({ module });
  const packed = codecs.encode('htj2k256', layout, new Uint8Array(planarSize(layout)));
  t.ok(packed.length < 10_000, `${packed.length} bytes for 32 MiB of zeros`);
  const small = await createCodecs({ module, memoryLimit: 2 ** 27 });
  t.throws(() => small.decode('htj2k256', layout, packed), { code: 'out-of-memory' });
});
