import t from 'tap';
import { SequenceCheck } from '../../lib/cryptomatte/rules/sequence.js';
import { ManifestCheck } from '../../lib/cryptomatte/rules/shot-manifests.js';
import { validateSequence } from '../../lib/cryptomatte/validate.js';
import type { Header } from '../../lib/model/header.js';
import { layer, makeHeader, makePart, setStrings } from './fixtures.js';

const channels = layer('Crypto00', 'rgba');
const [a, b, c] = ['"a":"00000001"', '"b":"00000002"', '"c":"00000003"'];

function inside(text: string): Header {
  return makeHeader(makePart(channels, setStrings('1234567', 'Crypto', text)));
}

function beside(file: string): Header {
  const { 'cryptomatte/1234567/manifest': _, ...strings } = setStrings('1234567', 'Crypto', '');
  return makeHeader(makePart(channels, { ...strings, 'cryptomatte/1234567/manif_file': file }));
}

t.test(
  'manifests that differ are reported once for each Cryptomatte, with the command that makes them one',
  async (t) => {
    const manifests = new ManifestCheck();
    for (const [label, text] of [
      ['f1', `{${a},${b}}`],
      ['f2', `{${a},${b}}`],
      ['f3', `{${b},${c}}`],
      ['f4', `{${a}}`],
    ] as const)
      await manifests.add(label, inside(text));
    t.match(validateSequence(new SequenceCheck(), { manifests }), [
      {
        rule: 'CM-B17',
        severity: 'warning',
        set: 'Crypto',
        message: 'compared with f1, the names of "Crypto" lack 1 and have 1 more in f3 and 1 more frames',
        command: 'manifest --shot',
      },
    ]);
    t.same(
      validateSequence(new SequenceCheck(), { manifests, targets: ['blender'] }).map(({ severity }) => severity),
      ['info'],
    );
  },
);

t.test('the same names in another order are no matter', async (t) => {
  const manifests = new ManifestCheck();
  await manifests.add('f1', inside(`{${a},${b}}`));
  await manifests.add('f2', inside(`{${b},${a}}`));
  t.match(validateSequence(new SequenceCheck(), { manifests }), [{ severity: 'info', message: /another way/ }]);
});

t.test('sidecars are compared by what is in them, and one for all is the same', async (t) => {
  const files: Readonly<Record<string, string>> = { one: `{${a}}`, two: `{${a}}`, three: `{${b}}` };
  const read: string[] = [];
  const readSidecar = async (_: string, name: string): Promise<Uint8Array> => {
    read.push(name);
    const text = files[name.replace('.json', '')];
    if (text === undefined) throw new Error('no such file');
    return new TextEncoder().encode(text);
  };
  const shared = new ManifestCheck();
  for (const label of ['x/f1', 'x/f2', 'x/f3']) await shared.add(label, beside('one.json'), readSidecar);
  t.same([...shared.breaches()], []);
  t.same(read, [], 'nothing has to be read');
  const own = new ManifestCheck();
  for (const name of ['one', 'two', 'gone', 'three']) await own.add(`x/${name}`, beside(`${name}.json`), readSidecar);
  t.match([...own.breaches()], [{ message: /in x\/three$/ }]);
  const closed = new ManifestCheck();
  for (const name of ['one', 'three']) await closed.add(`x/${name}`, beside(`${name}.json`));
  t.same([...closed.breaches()], []);
});
