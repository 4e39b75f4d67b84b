/** What a new user ran into on an everyday shot. */
import t from 'tap';
import { merge, rename, split } from '../../filters/index.js';
import { settle } from '../../lib/cryptomatte/settle.js';
import { headerSets } from '../../lib/layers/sets.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { joined, run } from '../filters/support.js';
import { result } from './support.js';

const silent = { warn: () => {}, note: () => {} };

t.test('statistics of Cycles follow a view layer of which one pass gets a name of its own', async (t) => {
  const statistics = { 'cycles.Chars.samples': '4', 'cycles.BG.samples': '4' };
  const channels = [...layer('Chars.Combined', 'RGB'), ...layer('Chars.Depth', 'Z'), ...layer('BG.Depth', 'Z')];
  const { header } = await run(
    rename({ map: ['Chars=main', 'Chars.Combined=beauty'] }),
    makeHeader(makePart(channels, statistics)),
  );
  t.same(header.parts[0]?.attributes.names(), ['cycles.main.samples', 'cycles.BG.samples']);
});

t.test('ranks in files of their own are warned of, and only there', async (t) => {
  const passes = ['main.Combined', 'main.ids00', 'main.ids01'];
  const header = makeHeader(
    ...passes.map((name, number) =>
      makePart(layer(name, 'rgba'), number === 0 ? setStrings('1111111', 'main.ids', '{}') : {}, { name, number }),
    ),
  );
  const told = async (pattern?: string) =>
    (await result(header, [split({ by: 'part' })], pattern)).notices.filter(({ code }) => code === 'SET_SCATTERED');
  t.equal((await told('{name}.exr')).length, 1);
  t.same(await told(), []);
});

t.test('metadata that gets another key in the first part is there once', async (t) => {
  const file = (name: string) =>
    makeHeader(
      makePart(layer(`${name}.Combined`, 'RGB'), setStrings('1111111', `${name}.ids`, '{}'), {
        name: `${name}.Combined`,
      }),
      makePart(layer(`${name}.ids00`, 'rgba'), {}, { name: `${name}.ids00`, number: 1 }),
    );
  const { header, inputs } = joined({ 'a.exr': file('a'), 'b.exr': file('b') });
  const merged = (await run(merge({ as: 'parts' }), header, { inputs })).header;
  const written = settle(merged, merged, silent);
  t.same(
    headerSets(written).map(({ name, parts, layers }) => [name, parts, layers.length]),
    [
      ['a.ids', [0], 1],
      ['b.ids', [0], 1],
    ],
  );
  t.equal(new Set(headerSets(written).map(({ key }) => key)).size, 2);
});
