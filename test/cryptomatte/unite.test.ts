/** Cryptomattes of one name that come from several files. */
import t from 'tap';
import { readManifest } from '../../lib/cryptomatte/manifest.js';
import { uniteSameNames } from '../../lib/cryptomatte/unite.js';
import { hashName } from '../../lib/layers/set-attributes.js';
import { headerSets } from '../../lib/layers/sets.js';
import { layer, makeHeader, makePart } from './fixtures.js';

/** A part with one rank layer of `objects` and metadata under a key. */
function half(number: number, rank: string, key: string, manifest: string) {
  const prefix = `cryptomatte/${key}`;
  return makePart(
    layer(`objects${rank}`, 'rgba'),
    {
      [`${prefix}/name`]: 'objects',
      [`${prefix}/hash`]: hashName,
      [`${prefix}/conversion`]: 'uint32_to_float32',
      [`${prefix}/manifest`]: manifest,
    },
    { number, name: `part${number}` },
  );
}

function unite(...parts: ReturnType<typeof half>[]) {
  const notes: string[] = [];
  const header = makeHeader(...parts);
  const result = uniteSameNames(header, { note: (code) => void notes.push(code), warn: () => {} });
  return { header, result, notes };
}

t.test('ranks of two files are one Cryptomatte with the names of both', async (t) => {
  const { result, notes } = unite(
    half(0, '00', '1111111', '{"a":"01000001"}'),
    half(1, '01', '2222222', '{"a":"01000001","b":"01000002"}'),
  );
  t.same(notes, ['UNITED']);
  const keys = new Set(headerSets(result).map(({ key }) => key));
  t.equal(keys.size, 1);
  for (const { manifest = new Uint8Array() } of headerSets(result))
    t.same([...readManifest(manifest).names.keys()].sort(), ['a', 'b']);
});

t.test('an ID as Cycles writes it in manifests is the one that pixels have', async (t) => {
  const { result, notes } = unite(
    half(0, '00', '1111111', '{"obj45":"00734d5c"}'),
    half(1, '01', '2222222', '{"obj45":"00f34d5c"}'),
  );
  t.same(notes, ['UNITED']);
  for (const { manifest = new Uint8Array() } of headerSets(result))
    t.same([...readManifest(manifest).names], [['obj45', 0x00f34d5c]]);
});

t.test('others stay as they are', async (t) => {
  const clash = unite(half(0, '00', '1111111', '{"a":"01000001"}'), half(1, '01', '2222222', '{"a":"01000009"}'));
  t.equal(clash.result, clash.header, 'a name with two IDs');
  const same = unite(half(0, '00', '1111111', '{"a":"01000001"}'), half(1, '00', '2222222', '{"b":"01000002"}'));
  t.equal(same.result, same.header, 'the same rank twice');
});
