import t from 'tap';
import { createCodecs } from '../src/index.js';

t.test('none interleaves lines of channels', async (t) => {
  const codecs = await createCodecs();
  const half = { type: 'half', linear: false } as const;
  const layout = {
    x: -2,
    y: -1,
    width: 4,
    height: 3,
    channels: [
      { name: 'BY', ...half, xSampling: 2, ySampling: 2 },
      { name: 'Y', ...half, xSampling: 1, ySampling: 1 },
    ],
  };
  // BY has samples on line 0 only, at columns -2 and 0.
  const planar = Uint8Array.from([1, 2, 3, 4, ...Array.from({ length: 24 }, (_, i) => 10 + i)]);
  const raw = Uint8Array.from([...planar.subarray(4, 12), 1, 2, 3, 4, ...planar.subarray(12)]);
  t.strictSame(codecs.encode('none', layout, planar), raw);
  t.strictSame(codecs.decode('none', layout, raw), planar);
});
