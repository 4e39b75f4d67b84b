import fc from 'fast-check';
import t from 'tap';
import { equalBytes } from '../../lib/format/bytes.js';

t.test('bytes are equal wherever in memory they lie', async (t) => {
  const place = (bytes: Uint8Array, offset: number, inBuffer: boolean): Uint8Array => {
    const memory = new Uint8Array(bytes.length + offset);
    memory.set(bytes, offset);
    return inBuffer ? Buffer.from(memory.buffer, offset) : memory.subarray(offset);
  };
  const lengths = fc.constantFrom(0, 1, 5, 1000, 1023, 1024, 1025, 1027, 4001);
  const offsets = fc.integer({ min: 0, max: 7 });
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(lengths, offsets, offsets, fc.boolean(), fc.nat(), (length, first, second, inBuffer, spot) => {
        const bytes = Uint8Array.from({ length }, (_, at) => (at * 37) >> 3);
        const [one, other] = [place(bytes, first, inBuffer), place(bytes, second, false)];
        if (!equalBytes(one, other) || !equalBytes(one, one)) return false;
        if (length === 0) return true;
        other[spot % length] = (other[spot % length] as number) ^ 1;
        return !equalBytes(one, other) && !equalBytes(one, one.subarray(1));
      }),
    ),
  );
});
