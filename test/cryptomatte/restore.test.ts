/** IDs that PXR24 has rounded. */
import t from 'tap';
import { nameBits } from '../../lib/cryptomatte/hash.js';
import { pxr24Bits } from '../../lib/cryptomatte/ids.js';
import { restoreIds } from '../../lib/cryptomatte/restore.js';
import { headerSets } from '../../lib/layers/sets.js';
import { isDerived } from '../../lib/model/header.js';
import { layer, makeHeader, makePart, setStrings, single } from './fixtures.js';

t.test("the ID that pixels had is restored, where Cycles' manifest shows the plain hash too", async (t) => {
  const manifest = '{"obj45":"00734d5c","torus":"f19c73fd"}';
  const header = makeHeader(makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids', manifest)));
  const { header: restored, restorations } = restoreIds(header, headerSets(header));
  t.equal(single(restorations).ambiguous, 0);
  const plane = single(restored.parts).channels.find(({ name }) => name === 'ids00.r')?.plane;
  if (!plane || !isDerived(plane)) throw new Error('no plane was derived');
  const wanted = Uint32Array.from(['obj45', 'torus'], nameBits);
  const out = new Float32Array(2);
  plane.compute([new Float32Array(wanted.map(pxr24Bits).buffer)], out);
  t.same(new Uint32Array(out.buffer), wanted);
});
