/** The examples of docs/layers.md: what the page says of all of them. */
import t from 'tap';
import { settle } from '../../lib/cryptomatte/settle.js';
import { guardedChannels } from '../../lib/layers/guard.js';
import { placesOf } from '../../lib/layers/place.js';
import { respell } from '../../lib/layers/respell.js';
import { headerSets } from '../../lib/layers/sets.js';
import { exampleHeaders } from '../../scripts/layers-examples.js';

const silent = { warn: () => {}, note: () => {} };

for (const [title, header] of exampleHeaders())
  t.test(title, async (t) => {
    const channels = header.parts.flatMap((part) => part.channels);
    t.strictSame([...placesOf(header).keys()], channels, 'every channel has one place');
    const same = respell(header, { channel: (name) => name, part: (name) => name });
    t.strictSame(same, header, 'renaming everything to what it is called changes nothing');
    const settled = settle(header, header, silent);
    t.strictSame(settle(settled, settled, silent), settled, 'settling twice is settling once');
    for (const [number, part] of header.parts.entries()) {
      const alone = settle({ ...header, parts: [part], multiPart: false }, header, silent);
      t.strictSame(settle(alone, alone, silent), alone, 'in a file of its own, too');
      t.strictSame(
        alone.parts[0]?.channels.map(({ plane }) => plane),
        part.channels.map(({ plane }) => plane),
        `part ${number}: no pixel moves`,
      );
      const ranks = part.channels.filter((channel) => guardedChannels(header).has(channel)).length;
      const found = headerSets(alone).flatMap(({ layers }) => layers.flatMap((layer) => layer.channels)).length;
      t.equal(found, ranks, `part ${number}: its Cryptomatte goes with its ranks`);
    }
  });
