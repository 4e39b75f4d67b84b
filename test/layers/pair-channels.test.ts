import t from 'tap';
import { findMoved, pairChannels } from '../../lib/layers/pair-channels.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';

t.test('channels and parts may carry the names', async (t) => {
  const one = makeHeader(makePart([...layer('Combined', 'RGB'), ...layer('Depth', 'V')]));
  const many = makeHeader(
    makePart([{ name: 'R' }, { name: 'G' }, { name: 'B' }], {}, { name: 'Combined' }),
    makePart([{ name: 'V' }], {}, { name: 'Depth', number: 1 }),
    makePart([{ name: 'Z' }], {}, { name: 'Mist', number: 2 }),
  );
  const { pairs, onlyA, onlyB } = pairChannels(one, many);
  t.same(
    pairs.map(({ a, b }) => [a.channel.name, b.part, b.channel.name]),
    [
      ['Combined.B', 0, 'B'],
      ['Combined.G', 0, 'G'],
      ['Combined.R', 0, 'R'],
      ['Depth.V', 1, 'V'],
    ],
  );
  t.same(onlyA, []);
  t.match(onlyB, [{ layer: 'Mist', component: 'Z' }]);
});

t.test('pixels under another name, those of the same component first, each once', async (t) => {
  const a = makeHeader(makePart(layer('old', 'RGB')));
  const b = makeHeader(makePart(layer('new', 'ARGB')));
  const digests: Readonly<Record<string, string | undefined>> = {
    'old.B': 'same',
    'old.G': 'same',
    'old.R': 'own',
    'new.A': 'own',
    'new.B': 'other',
    'new.G': 'same',
    'new.R': 'same',
  };
  const { onlyA, onlyB } = pairChannels(a, b);
  const moved = findMoved(onlyA, onlyB, ({ name }) => digests[name]);
  t.same(
    moved.map((one) => [one.a.component, one.b.component, one.isGuess]),
    [
      ['G', 'G', true],
      ['B', 'R', true],
      ['R', 'A', false],
    ],
  );
  t.same(
    findMoved(onlyA, onlyB, () => undefined),
    [],
    'deep channels have no digest',
  );
});
