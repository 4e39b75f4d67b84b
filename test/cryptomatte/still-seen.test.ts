/** What a program found in the input and does not find in the output is said, however it orders ranks. */

import t from 'tap';
import { reportUnseen } from '../../lib/cryptomatte/still-seen.js';
import type { Header, Part } from '../../lib/index.js';
import { adviceText } from '../../lib/model/advice.js';
import { layer, makeHeader, makePart, setStrings } from './fixtures.js';

/** A part for each rank layer, as Blender 5 writes them, in any order. */
function parts(ranks: readonly string[], nameOf: (rank: string) => string): Part[] {
  return ranks.map((rank, number) =>
    makePart(layer(`ids${rank}`, 'rgba'), number === 0 ? setStrings('1234567', 'ids', '{"Hero":"d3fcd9ab"}') : {}, {
      number,
      name: nameOf(rank),
    }),
  );
}

function warnings(before: Header, after: Header): string[] {
  const said: string[] = [];
  reportUnseen([before], [after], { warn: (_, text) => void said.push(adviceText(text)), note: () => {} }, ['blender']);
  return said;
}

t.test('parts get names that go before those of their channels', async (t) => {
  for (const ranks of [
    ['00', '01'],
    ['01', '00'],
  ]) {
    const before = makeHeader(...parts(ranks, (rank) => `ids${rank}`));
    const after = makeHeader(...parts(ranks, (rank) => `shot.ids${rank}`));
    t.strictSame(warnings(before, before), []);
    const [text = '', ...others] = warnings(before, after);
    t.match(text, /^Blender no longer finds "ids"/, ranks.join());
    t.strictSame(others, []);
  }
});
