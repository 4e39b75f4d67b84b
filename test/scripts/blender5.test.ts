import fc from 'fast-check';
import t from 'tap';
import { difference, type PlacedChannel } from '../../scripts/blender5/channels.js';
import { type Frame, frameOf, holdsIds } from '../../scripts/blender5/frame.js';
import { demandsOfAll, demandsOfKept, idOf, setsOf, unmet } from '../../scripts/blender5/mattes.js';
import { pageOf, tally } from '../../scripts/blender5/page.js';
import type { Answer, Group, Seen } from '../../scripts/blender5/reading.js';
import { trials } from '../../scripts/blender5/trials.js';
import { advice, complaint, judge } from '../../scripts/blender5/verdict.js';
import { piecesIn, wordsOf } from '../../scripts/blender5/words.js';

t.test('command lines', async (t) => {
  t.same(
    wordsOf(
      "pick --layer '<layer>.Crypto*' --as '' IN -o OUT",
      { IN: ['/a b.exr'], OUT: ['o.exr'] },
      { layer: 'FG elements' },
    ),
    ['pick', '--layer', 'FG elements.Crypto*', '--as', '', '/a b.exr', '-o', 'o.exr'],
  );
  t.same(wordsOf('merge PREV -o OUT', { PREV: ['1', '2'], OUT: ['o'] }, {}), ['merge', '1', '2', '-o', 'o']);
  // What exrpipe's own patterns look like stays.
  t.same(wordsOf("merge --name '{stem}' x", {}, {}), ['merge', '--name', '{stem}', 'x']);
  t.throws(() => wordsOf('pick --layer <crypto>', {}, {}), /no <crypto>/);
  t.same(piecesIn("'<prev>/<rank>.exr'"), ['prev', 'rank']);
  const pieces = { crypto: 'c', layer: 'l', name: 'n', rank: 'r', first: 'f', prev: 'p' };
  for (const { run } of trials)
    for (const line of [run].flat())
      t.notMatch(wordsOf(line, {}, pieces).join(' '), /[<>]/, `every piece of "${line}" is known`);
});

const channel = (name: string, digest = 'x', part = ''): PlacedChannel => ({ part, name, type: 'float', digest });

t.test('channels before and after', async (t) => {
  const before = [channel('a.R', '1', 'p'), channel('b.R', '2', 'q')];
  t.equal(difference(before, [channel('b.R', '2'), channel('a.R', '1')], 'names'), undefined);
  t.match(difference(before, [channel('b.R', '2'), channel('a.R', '1')], 'parts'), /2 channels are gone/);
  t.equal(difference(before, [channel('x', '2'), channel('y', '1')], 'values'), undefined);
  t.match(difference(before, [channel('b.R', '3'), channel('a.R', '1')], 'names'), /1 channels have other samples/);
  t.match(difference(before, [channel('a.R', '1')], 'names'), /1 channels are gone, such as b.R/);
  t.match(difference(before, [...before, channel('c')], 'names'), /1 are new, such as c/);
  // Two views have channels of the same names.
  t.match(difference([channel('a'), channel('a')], [channel('a')], 'names'), /1 channels are gone/);
});

t.test('channels in any order are the same, and one of other samples is found', async (t) => {
  const list = fc.array(
    fc.record({ part: fc.string(), name: fc.string(), type: fc.constant('float'), digest: fc.string() }),
    { minLength: 1 },
  );
  const check = () =>
    fc.assert(
      fc.property(list, fc.nat(), (channels, at) => {
        const turned = channels.toReversed();
        for (const same of ['names', 'parts', 'values'] as const) {
          if (difference(channels, turned, same) !== undefined) return false;
          const changed = turned.map((own, i) =>
            i === at % turned.length ? { ...own, digest: `${own.digest}!` } : own,
          );
          if (difference(channels, changed, same) === undefined) return false;
        }
        return true;
      }),
    );
  t.doesNotThrow(check);
});

t.test('the ID of a name', async (t) => {
  // From manifests that Cycles wrote, and a name whose plain hash, 00734d5c, is a denormal.
  t.equal(idOf('Cube.001'), 'b812b2d7');
  t.equal(idOf('Bäume_木'), '351a9b31');
  t.equal(idOf('🌲 pine'), '03487efb');
  t.equal(idOf('obj45'), '00f34d5c');
});

/** A file with one Cryptomatte of two names, `Ground` covering 3 pixels and `Cube.001` one. */
function frame(path: string, name: string, answers: Partial<Answer>[] = [{}, {}], view = ''): Seen {
  const ids = { '24950135': [3, 'aaa'], b812b2d7: [1, 'bbb'] } as const;
  const group: Group = {
    name,
    view,
    channels: ['r', 'g', 'b', 'a'].map((c) => [0, `${name}00.${c}`] as const),
    float: true,
    ids,
    total: 4,
  };
  const right: Answer[] = [
    { path, layer: name, name: 'Ground', sum: 3, sha: 'aaa', offered: true, pick: 'Ground' },
    { path, layer: name, name: 'Cube.001', sum: 1, sha: 'bbb', offered: true, pick: 'Cube.001' },
  ];
  return {
    reading: {
      path,
      parts: [{ name: '', view: '', codec: 'zip' }],
      channels: group.channels.map(([part, own]) => ({ part, name: own, type: 'float', digest: own.slice(-1) })),
      sets: answers.length > 0 ? [{ name, part: 0 }] : [],
      groups: [group],
    },
    answers: answers.map((change, i) => ({ ...(right[i] as Answer), ...change })),
  };
}
const all = (): boolean => true;

t.test('mattes that were right must be right, by whatever name', async (t) => {
  const demands = demandsOfKept([frame('a', 'Chars.CryptoObject')], all);
  t.same(unmet(demands, [frame('b', 'ids')]), []);
  t.match(unmet(demands, [frame('b', 'ids', [{}, { sum: 0, sha: 'zero' }])]), [/Chars.CryptoObject has 1 of 2 mattes/]);
  t.match(unmet(demands, [frame('b', 'ids', [{ offered: false }, {}])]), [/not offered/]);
  t.match(unmet(demands, [frame('b', 'ids', [{ pick: 'Gr' }, {}])]), [/1 of 2 other names when picked/]);
  t.match(unmet(demands, [frame('b', 'ids', [])]), [/no metadata that fits/]);
  t.match(unmet(demands, []), [/in no output/]);
  t.same(unmet(demands, [], true), [], 'unless ranks may be apart');
  t.same(demandsOfKept([frame('a', 'x', [{}, { sum: 0, sha: 'zero' }])], all)[0]?.names, ['Ground']);
  t.same(
    demandsOfKept([frame('a', 'x')], () => false),
    [],
  );
  // One Cryptomatte in the outputs does not stand for two that were there before.
  t.equal(unmet([...demands, ...demands], [frame('b', 'ids')]).length, 1);
});

t.test('names given back must cover what has an ID', async (t) => {
  const demands = demandsOfAll([frame('a', 'CryptoObject', [])], all, 0.999);
  t.same(unmet(demands, [frame('b', 'CryptoObject')]), []);
  t.match(unmet(demands, [frame('b', 'CryptoObject', [{}])]), [/names for 75.0 %/]);
  t.same(unmet(demandsOfAll([frame('a', 'CryptoObject', [])], all, 0), [frame('b', 'CryptoObject', [{}])]), []);
});

t.test('Blender adds views up, so nothing of two views in one file is right', async (t) => {
  const { reading, answers } = frame('a', 'CryptoObject', undefined, 'left');
  const both = { ...reading, groups: [...reading.groups, { ...(reading.groups[0] as Group), view: 'right' }] };
  t.equal(setsOf({ reading: both, answers })[0]?.group, undefined);
  t.ok(setsOf({ reading, answers })[0]?.group);
});

const sound: Frame = frameOf('x.exr', 'P', frame('x', 'Chars.CryptoObject'));
const outcome = (stderr: string, code = 1) => ({
  ended: { code, stdout: '', stderr },
  sources: [sound.seen],
  outputs: [] as Seen[],
  whole: undefined,
  advised: [] as { code: number; stdout: string; stderr: string }[],
});

t.test('what a frame is', async (t) => {
  t.equal(sound.state, 'sound');
  t.match(sound.pieces, { crypto: 'Chars.CryptoObject', layer: 'Chars', name: 'Ground' });
  t.equal(frameOf('x.exr', 'F', frame('x', 'CryptoObject', [])).state, 'lost');
  t.equal(frameOf('x.exr', '-', frame('x', 'CryptoObject', [])).state, 'none');
  t.ok(holdsIds(sound, { part: 0, name: 'Chars.CryptoObject00.r', type: 'float' }));
  t.notOk(holdsIds(sound, { part: 0, name: 'Chars.Combined.R', type: 'float' }));
});

t.test('verdicts', async (t) => {
  const trial = { run: 'rename IN', on: all };
  t.match(judge(trial, sound, outcome('exrpipe: no')), { outcome: 'refused', why: 'no' });
  t.match(judge({ ...trial, refused: 'may' }, sound, outcome('exrpipe: no')), { outcome: 'right' });
  t.match(judge({ ...trial, refused: 'must' }, sound, outcome('', 0)), { outcome: 'wrong' });
  t.match(judge(trial, sound, outcome('TypeError: x\n    at y')), { outcome: 'wrong', why: /crashed/ });
  const good = { ...outcome('', 0), outputs: [frame('y', 'Chars.CryptoObject')] };
  t.match(judge(trial, sound, good), { outcome: 'right' });
  t.match(judge({ ...trial, silent: /false/ }, sound, { ...good, ended: { code: 0, stdout: '', stderr: 'false' } }), {
    outcome: 'wrong',
  });
  const bad = { ...outcome('', 0), outputs: [frame('y', 'Chars.CryptoObject', [{ sum: 0, sha: '' }, {}])] };
  t.match(judge(trial, sound, bad), { outcome: 'wrong', why: /1 of 1 Cryptomattes worse/ });
  t.match(judge({ ...trial, adds: ['all'] }, sound, good), { outcome: 'wrong', why: /no channel all/ });
});

t.test('a refusal for the sake of IDs is right when what it advises works', async (t) => {
  const message = `note: x\nexrpipe: /a/b/c.exr, part 6: no. Choose zip or piz, or leave the mattes out with "drop --layer '*rypto*'".`;
  t.equal(complaint(message).startsWith('c.exr, part 6: no.'), true);
  t.same(advice(message), [`drop --layer '*rypto*'`]);
  t.same(advice('exrpipe: "rename" their components, "Chars.CryptoObject00.r" is one'), []);
  const trial = { run: 'compress IN', on: all, lossy: true };
  const ended = { code: 0, stdout: '', stderr: '' };
  t.match(judge(trial, sound, { ...outcome(message), advised: [ended] }), { outcome: 'right' });
  t.match(judge(trial, sound, { ...outcome(message), advised: [{ ...ended, code: 1 }] }), { outcome: 'wrong' });
  t.match(judge(trial, sound, outcome(message)), { outcome: 'wrong', why: /without advice/ });
});

t.test('where loss is asked for, IDs are neither changed nor gone', async (t) => {
  const trial = { run: 'convert IN', on: all, lossy: true };
  const after = (channels: Seen['reading']['channels']): ReturnType<typeof judge> => {
    const seen = frame('y', 'Chars.CryptoObject');
    return judge(trial, sound, {
      ...outcome('', 0),
      outputs: [{ ...seen, reading: { ...seen.reading, channels } }],
    });
  };
  const { channels } = sound.seen.reading;
  const colour = { part: 0, name: 'Chars.Combined.R', type: 'half', digest: 'x' };
  t.match(after([...channels, colour]), { outcome: 'right' });
  t.match(after(channels.map((own) => ({ ...own, type: 'half' }))), { why: /4 channels of IDs changed/ });
  t.match(after(channels.slice(1)), { why: /1 channels of IDs are gone/ });
});

t.test('verdicts of validate are compared with Blender', async (t) => {
  const trial = { run: 'validate IN', on: all, verdict: 'blender' as const };
  const found = (severity: string, rule: string) => ({
    ...outcome(''),
    ended: { code: 0, stdout: JSON.stringify({ findings: [{ rule, severity }] }), stderr: '' },
  });
  t.match(judge(trial, sound, found('warning', 'CM-B06')), { outcome: 'right' });
  t.match(judge(trial, sound, found('error', 'CM-B08')), { outcome: 'wrong' });
  t.match(judge(trial, sound, found('warning', 'CM-E01')), { outcome: 'wrong' });
  const broken = { ...sound, accepted: false };
  t.match(judge(trial, broken, found('error', 'CM-C11')), { outcome: 'right' });
  t.match(judge(trial, broken, found('warning', 'CM-E01')), { outcome: 'wrong' });
});

t.test('the page', async (t) => {
  const trial = { run: ['a IN', 'b PREV'], on: all, faults: 'F10 F2' };
  const results = [
    { trial, file: 'x.exr', outcome: 'wrong' as const, why: '3 channels changed, such as "a"' },
    { trial, file: 'y.0001.exr', outcome: 'wrong' as const, why: '4 channels changed, such as "b"' },
    { trial, file: 'z.exr', outcome: 'right' as const, why: '' },
  ];
  const text = pageOf(results, 3);
  t.match(text, '| `a IN && b PREV` | 1 | 2 | |');
  t.match(text, '| `a IN && b PREV` | x, y | 3 channels changed, such as "a" |');
  t.same(
    [...tally(results)],
    [
      ['F2', { right: 1, all: 3 }],
      ['F10', { right: 1, all: 3 }],
    ],
  );
});
