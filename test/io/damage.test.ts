/** A sample of what `npm run check:damaged` tries: there every cut and every bit, and OpenEXR judges the outputs. */
import t from 'tap';
import { flips, smallFiles, truncations, tryAll } from '../../scripts/damaged/mutations.js';

t.test('files cut off anywhere are errors with a code, whatever is done with them', async (t) => {
  for (const [name, bytes] of await smallFiles()) {
    let at = 0;
    let outputs = 0;
    const codes = new Set<string>();
    for (const mutation of truncations(bytes)) {
      if (at++ % 997 !== 0) continue;
      for (const { output, code } of await tryAll(mutation.bytes)) {
        if (output) outputs += 1;
        else codes.add(code ?? '');
      }
    }
    t.equal(outputs, 0, `${name}: ${[...codes].sort().join(', ')}`);
    t.notOk(codes.has(''));
  }
});

t.test('files with a flipped bit give an output or an error with a code', async (t) => {
  for (const [name, bytes] of await smallFiles()) {
    let at = 0;
    let tried = 0;
    const codes = new Set<string>();
    for (const mutation of flips(bytes)) {
      if (at++ % 397 !== 0) continue;
      for (const { output, code } of await tryAll(mutation.bytes)) {
        tried += 1;
        if (!output) codes.add(code ?? '');
      }
    }
    t.ok(tried > 20 && codes.size > 1, `${name}: ${tried} tries, ${[...codes].sort().join(', ')}`);
    t.notOk(codes.has(''));
  }
});
