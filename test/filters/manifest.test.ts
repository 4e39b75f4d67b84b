import t from 'tap';
import { manifest } from '../../filters/index.js';
import { nameBits, storedManifest } from '../../lib/cryptomatte/index.js';
import { formatAttribute } from '../../lib/format/index.js';
import type { FilterContext, Header } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { layer, makeHeader, makePart, setStrings } from '../cryptomatte/fixtures.js';
import { rankPlanes, readerOf } from '../cryptomatte/pixels.js';
import { failure, run, thrown } from './support.js';

const ranks = ['Crypto00', 'Crypto01'];
const all = ['Hero', 'Hero.001', 'a', 'b', 'c', 'd'];

function textOf(names: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, nameBits(name).toString(16).padStart(8, '0')])));
}

/** A file with one Cryptomatte of two rank layers. */
function crowded(names: readonly string[], key = '1234567'): Header {
  const channels = [...ranks.flatMap((rank) => layer(rank, 'rgba')), { name: 'R' }];
  return makeHeader(makePart(channels, setStrings(key, 'Crypto', textOf(names))));
}

function showing(header: Header, names: readonly string[]): { samples: FilterContext['samples'] } {
  return { samples: readerOf(header, rankPlanes(ranks, names)) };
}

function namesIn(header: Header): string[] {
  return headerSets(header).flatMap(({ manifest: text }) => (text ? [...storedManifest(text).names.keys()] : []));
}

t.test('--prune keeps the names whose IDs occur in any rank, and those to keep', async (t) => {
  const header = crowded(all);
  const setting = showing(header, ['a', 'c']);
  const { header: small, notices } = await run(manifest({ prune: true }), header, setting);
  t.same(namesIn(small), ['a', 'c']);
  t.match(notices, [{ level: 'note', code: 'PRUNED', message: /2 of 6 names/ }]);
  t.same(small.parts[0]?.channels, header.parts[0]?.channels);
  const { header: kept } = await run(manifest({ prune: true, keep: ['Hero*'] }), header, setting);
  t.same(namesIn(kept), ['Hero', 'Hero.001', 'a', 'c']);
  const { header: again } = await run(manifest({ prune: true }), small, setting);
  t.equal(again, small, 'a second time nothing is left to do');
});

t.test('--prune looks at all views', async (t) => {
  const channels = [...layer('left.Crypto00', 'rgba'), ...layer('right.Crypto00', 'rgba')];
  const part = makePart(channels, setStrings('1234567', 'Crypto', textOf(all)));
  const value = formatAttribute('stringvector', ['left', 'right']);
  const header = makeHeader({
    ...part,
    attributes: part.attributes.with('multiView', { type: 'stringvector', value }),
  });
  const planes = [...rankPlanes(['left.Crypto00'], ['a']), ...rankPlanes(['right.Crypto00'], ['b'])];
  const { header: small } = await run(manifest({ prune: true }), header, {
    samples: readerOf(header, new Map(planes)),
  });
  t.same(namesIn(small), ['a', 'b']);
});

t.test('--prune removes nothing where the pixels do not tell', async (t) => {
  const header = crowded(all);
  const foreign = await run(manifest({ prune: true }), header, showing(header, ['x', 'y', 'z']));
  t.equal(foreign.header, header);
  t.match(foreign.notices, [{ level: 'warning', code: 'NAMES_KEPT' }]);
  const rounded = new Map(
    [...rankPlanes(ranks, all)].map(([name, plane]) => {
      const bits = new Uint32Array(plane.buffer).map((one) => (/[rb]$/.test(name) ? one & ~0xff : one));
      return [name, new Float32Array(bits.buffer)] as const;
    }),
  );
  const lost = await run(manifest({ prune: true }), header, { samples: readerOf(header, rounded) });
  t.equal(lost.header, header);
  t.match(lost.notices, [{ code: 'NAMES_KEPT', message: /rounded/ }]);
});

t.test('an image that shows nothing keeps no names', async (t) => {
  const header = crowded(all);
  const { header: small } = await run(manifest({ prune: true }), header, { samples: readerOf(header, new Map()) });
  t.same(namesIn(small), []);
});

t.test('names in a sidecar are not cut where they are, but with --embed and --sidecar-out', async (t) => {
  const { 'cryptomatte/1234567/manifest': _, ...strings } = setStrings('1234567', 'Crypto', '');
  const header = makeHeader(
    makePart(
      ranks.flatMap((rank) => layer(rank, 'rgba')),
      { ...strings, 'cryptomatte/1234567/manif_file': 'names.json' },
    ),
  );
  const setting = { ...showing(header, ['b']), texts: { 'names.json': textOf(all) } };
  const kept = await run(manifest({ prune: true }), header, setting);
  t.equal(kept.header, header);
  t.ok(kept.codes.includes('SIDECAR_KEPT'));
  t.same(namesIn((await run(manifest({ prune: true, embed: true }), header, setting)).header), ['b']);
  const moved = await run(manifest({ prune: true, sidecarOut: '{stem}.{layer}.json' }), header, setting);
  t.match(moved.header.sideFiles, [{ name: 'shot.Crypto.json' }]);
  t.same(headerSets(moved.header)[0]?.manifestFile, 'shot.Crypto.json');
  t.same(namesIn((await run(manifest({ embed: true }), header, setting)).header), all);
  t.same((await run(manifest({ embed: true }), crowded(all))).codes, ['NOTHING_TO_DO']);
  const nothing = { ...setting, texts: { 'names.json': '{}' } };
  t.same(namesIn((await run(manifest({ embed: true }), header, nothing)).header), [], 'nothing is in view');
  const empty = { ...setting, texts: { 'names.json': '' } };
  await t.rejects(run(manifest({ embed: true }), header, empty), { code: 'BAD_MANIFEST' }, 'no manifest at all');
});

t.test('--shot of a single image is a shot of one frame', async (t) => {
  const header = crowded(all);
  const { header: small } = await run(manifest({ shot: true }), header, showing(header, ['a', 'd']));
  t.same(namesIn(small), ['a', 'd']);
  const { header: whole } = await run(manifest({ shot: true, keep: ['*'] }), header);
  t.same(namesIn(whole), all, 'without pixels');
});

t.test('the second pass gives frames the same keys and manifests', async (t) => {
  const frames = [crowded(['a', 'b', 'c']), crowded(['b', 'x', 'y'], '7654321')] as const;
  const seen = [['a'], ['c', 'x']] as const;
  const step = manifest({ shot: true });
  const survey = step.beginSurvey?.();
  if (!survey) return t.fail('a first pass is asked for');
  for (const [number, frame] of frames.entries()) {
    const look = async (header: Header, context: FilterContext): Promise<Header> => {
      await survey.look(header, context);
      return header;
    };
    await run({ ...step, header: look }, frame, showing(frame, seen[number] ?? []));
  }
  const codes: string[] = [];
  const add = (code: string): void => void codes.push(code);
  const second = survey.step({ warn: add, note: add });
  t.same(codes, ['SHOT_NAMES']);
  t.equal(second.beginSurvey, undefined);
  const results = await Promise.all(frames.map(async (frame) => (await run(second, frame)).header));
  for (const result of results) t.same(namesIn(result), ['a', 'c', 'x'], 'in view where the frame does not name it');
  const [one, two] = results.map((result) => headerSets(result)[0]);
  t.equal(one?.key, two?.key);
  t.same(one?.manifest, two?.manifest);
  const copy = manifest.create({ shot: true }, structuredClone(second.found));
  t.same((await run(copy, frames[0])).header, results[0], 'what is found goes to other threads');
  t.equal(manifest.create({ shot: true }, { other: 1 }).found, undefined);
});

t.test('keys are exchanged without losing one', async (t) => {
  const two = (a: string, b: string): Header =>
    makeHeader(
      makePart([...layer('A00', 'rgba'), ...layer('B00', 'rgba')], {
        ...setStrings(a, 'A', textOf(['a'])),
        ...setStrings(b, 'B', textOf(['b'])),
      }),
    );
  const header = two('1111111', '2222222');
  const sets = [
    { name: 'A', key: '2222222', manifest: new TextEncoder().encode(textOf(['a2'])), names: 1 },
    { name: 'B', key: '1111111', manifest: new TextEncoder().encode(textOf(['b2'])), names: 1 },
  ];
  const { header: swapped } = await run(manifest.create({ shot: true }, { sets }), header);
  t.match(headerSets(swapped), [
    { name: 'A', key: '2222222', manifest: sets[0]?.manifest },
    { name: 'B', key: '1111111', manifest: sets[1]?.manifest },
  ]);
});

t.test('what cannot be meant is an error', async (t) => {
  t.equal(thrown(() => manifest({})).code, 'NOTHING_ASKED');
  t.equal(thrown(() => manifest({ embed: true, keep: ['x'] })).code, 'BAD_OPTION');
  t.equal(thrown(() => manifest({ shot: true, sidecarOut: '/etc/x.json' })).code, 'BAD_SIDECAR_NAME');
  const two = makeHeader(
    makePart([...layer('A00', 'rgba'), ...layer('B00', 'rgba')], {
      ...setStrings('1234567', 'A', textOf(['a'])),
      ...setStrings('1234568', 'B', textOf(['b'])),
    }),
  );
  const samples = readerOf(two, new Map([...rankPlanes(['A00'], ['a']), ...rankPlanes(['B00'], ['b'])]));
  const error = await failure(manifest({ shot: true, sidecarOut: 'names.json' }), two, { samples });
  t.equal(error.code, 'SIDECAR_TWICE');
});
