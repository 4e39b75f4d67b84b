/** Runs over sequences: what comes out, what is left out, what is told, and what is refused. */
import {
  chmod,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { copyAttributes, merge, rename, setAttribute, split } from '../../filters/index.js';
import { stringAttribute } from '../../lib/format/index.js';
import { defineFilter, readExrHeader } from '../../lib/index.js';
import { readWholeHeader } from '../../lib/node/whole.js';
import { Gate } from '../../lib/sequence/gate.js';
import { ReportBuilder, runSequence, type SequenceOptions } from '../../lib/sequence/index.js';
import { markName } from '../../lib/sequence/mark.js';
import { fixturePath, temporaryFolder } from '../support.js';
import { filtersModule, grumble, listener, makeFrames, outcome, range, readTree, smallFrame } from './support.js';

const chain = [rename({ addPrefix: 'hero.' }), split({ by: 'layer' })];

interface Shot {
  readonly folder: string;
  readonly input: string;
  readonly out: string;
  /** Runs the chain over the shot, with other options where given. */
  run(options?: Partial<SequenceOptions>): ReturnType<typeof runSequence>;
}

async function makeShot(t: Test, frames: readonly number[]): Promise<Shot> {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), frames);
  const input = join(folder, 'in/shot.####.exr');
  const out = join(folder, 'out');
  return {
    folder,
    input,
    out,
    run: (options = {}) =>
      runSequence({ inputs: [input], steps: chain, output: `${out}/{layer}/{stem}.{frame}.exr`, ...options }),
  };
}

/** Sets a file's time to so many seconds from now. */
async function touch(path: string, seconds: number): Promise<void> {
  const time = new Date(Date.now() + seconds * 1000);
  await utimes(path, time, time);
}

t.test('the number of jobs and where they run do not change the outputs', async (t) => {
  const shot = await makeShot(t, range(1, 9));
  const folder = (name: string) => ({ output: join(shot.folder, name, '{layer}/{stem}.####.exr') });
  const one = await shot.run({ ...folder('one'), jobs: 1 });
  t.same(outcome(one), { done: '1-9' });
  const heard = listener();
  await shot.run({ ...folder('local'), jobs: 4, memory: 1, onEvent: heard.onEvent });
  t.equal(heard.of('start')[0]?.threads, 0);
  const threaded = listener();
  const many = await shot.run({ ...folder('threads'), jobs: 4, filters: filtersModule, onEvent: threaded.onEvent });
  t.equal(many.done, 9);
  t.ok((threaded.of('start')[0]?.threads ?? 0) > 0, 'on threads');
  const expected = await readTree(join(shot.folder, 'one'));
  t.equal(Object.keys(expected).length % 9, 0);
  t.ok(Object.keys(expected).length > 9, 'several files a frame');
  t.same(await readTree(join(shot.folder, 'local')), expected);
  t.same(await readTree(join(shot.folder, 'threads')), expected);

  const done = threaded.of('frame-done');
  t.same(done.map(({ frame }) => frame).toSorted(), range(1, 9));
  t.ok(
    done.every(({ files, parts, bytes, inputBytes }) => files.length === parts.length && bytes > 0 && inputBytes > 0),
  );
  t.equal(threaded.events[0]?.type, 'start');
  t.equal(threaded.events[1]?.type, 'plan');
  t.equal(threaded.events.at(-1)?.type, 'summary');
  t.doesNotThrow(() => structuredClone(threaded.events), 'events are plain data');
});

t.test('a failing frame does not stop the others, unless it shall', async (t) => {
  const shot = await makeShot(t, range(1, 6));
  await truncate(join(shot.folder, 'in/shot.0002.exr'), 9000);
  const ways = [undefined, filtersModule] as const;
  for (const filters of ways) {
    const output = join(shot.folder, filters ? 'threads' : 'local', '{layer}/{frame}.exr');
    const summary = await shot.run({ output, filters, jobs: 2 });
    t.same(outcome(summary), { done: '1,3-6', failed: ['2 CHUNKS_MISSING'] });
    t.match(summary.failed[0]?.error, { kind: 'invalid', where: { frame: 2, file: /shot\.0002\.exr$/ } });
    const files = Object.keys(await readTree(join(output, '../..')));
    t.notOk(
      files.some((file) => file.includes('0002') || file.includes('.exrpipe')),
      'nothing of it is left',
    );
  }
  t.same(outcome(await shot.run({ onError: 'skip' })), { done: '1,3-6', skipped: ['2 CHUNKS_MISSING'] });
  t.same(outcome(await shot.run({ onError: 'stop', jobs: 1 })), {
    done: '1',
    failed: ['2 CHUNKS_MISSING'],
    left: '3-6',
    stopped: 'error',
  });
  const own = await shot.run({ steps: [grumble({ failAt: '0004' })], output: `${shot.out}/`, frames: '3-5' });
  t.match(own.failed, [{ frame: 4, error: { message: 'this frame is no good' } }], "another author's filter");
});

t.test('what is there already is left out, when it is right', async (t) => {
  const shot = await makeShot(t, range(1, 4));
  const donor = join(shot.folder, 'donor.exr');
  await copyFile(fixturePath('blender/b5_direct_Chars.0001.exr'), donor);
  for (const file of [donor, ...range(1, 4).map((frame) => join(shot.folder, `in/shot.000${frame}.exr`))])
    await touch(file, -100);
  const steps = [copyAttributes({ from: donor }), ...chain];
  const again = { steps, skipExisting: true };
  t.same(outcome(await shot.run({ ...again, filters: filtersModule })), { done: '1-4' });
  const files = (await readdir(shot.out, { recursive: true })).filter((name) => name.endsWith('.exr')).sort();
  const [first = '', second = ''] = files.filter((name) => name.includes('0001'));
  const before = await readTree(shot.out);
  const expect = async (why: string, existing: string, options: Partial<SequenceOptions> = {}) => {
    const summary = await shot.run({ ...again, ...options });
    t.equal(summary.existingFrames, existing, why);
    t.equal(summary.done + summary.existing, 4);
    return summary;
  };
  await expect('all is there', '1-4');
  await expect('nothing is asked', '', { skipExisting: false });
  await truncate(join(shot.out, first), (await stat(join(shot.out, first))).size - 1);
  await expect('an output is cut off', '2-4');
  await rm(join(shot.out, second));
  await expect('one of several is gone', '2-4');
  await touch(join(shot.folder, 'in/shot.0003.exr'), 60);
  await expect('an input is newer', '1-2,4');
  await touch(join(shot.folder, 'in/shot.0003.exr'), -100);
  await touch(donor, 60);
  await expect('a donor is newer', '');
  await touch(donor, -100);
  await expect('all is there again', '1-4');
  t.same(await readTree(shot.out), before, 'and the same as at first');
  await expect('other options', '', {
    steps: [
      copyAttributes({ from: donor }),
      rename({ addPrefix: 'hero.' }),
      split({ by: 'layer' }),
      setAttribute({ attributes: ['owner=me'] }),
    ],
  });
  await expect('these again', '');
  await expect('other packing', '', { level: 9 });
  await shot.run(again);
  await expect('on other threads as on this', '1-4', { filters: filtersModule });
  await mkdir(join(shot.folder, 'moved'));
  await makeFrames(join(shot.folder, 'moved'), range(1, 4), (frame) => `other.000${frame}.exr`);
  for (const frame of range(1, 4)) await touch(join(shot.folder, `moved/other.000${frame}.exr`), -100);
  await expect('files of other names', '', {
    inputs: [join(shot.folder, 'moved/other.####.exr')],
    output: `${shot.out}/{layer}/shot.{frame}.exr`,
  });

  const bare = join(shot.folder, 'bare/{frame}.exr');
  const plain = { output: bare, mark: false, steps: [rename({ addPrefix: 'x.' })] };
  await shot.run(plain);
  t.notOk((await readExrHeader(join(shot.folder, 'bare/0001.exr'))).parts[0]?.attributes.has(markName));
  t.equal((await shot.run({ ...plain, skipExisting: true })).existing, 4, 'without a mark, time and wholeness decide');
});

t.test('in place', async (t) => {
  const shot = await makeShot(t, range(1, 3));
  const at = (name: string) => join(shot.folder, 'in', name);
  await copyFile(smallFrame, join(shot.folder, 'real.exr'));
  await symlink('../real.exr', at('shot.0004.exr'));
  await chmod(at('shot.0001.exr'), 0o600);
  const options = { inPlace: true, output: undefined, steps: [rename({ addPrefix: 'x.' })] };
  const channels = async (path: string) => (await readExrHeader(path)).parts[0]?.channels.map(({ name }) => name) ?? [];
  const plain = await channels(at('shot.0001.exr'));
  t.same(outcome(await shot.run({ ...options, frames: '1-2' })), { done: '1-2' });
  t.same(outcome(await shot.run({ ...options, skipExisting: true, filters: filtersModule })), {
    done: '3-4',
    existing: '1-2',
  });
  t.same(outcome(await shot.run({ ...options, skipExisting: true })), { existing: '1-4' });
  for (const frame of range(1, 4))
    t.same(
      await channels(at(`shot.000${frame}.exr`)),
      plain.map((name) => `x.${name}`),
      'renamed once',
    );
  t.equal((await stat(at('shot.0001.exr'))).mode & 0o777, 0o600, 'permissions stay');
  t.same(
    await readdir(join(shot.folder, 'in')),
    range(1, 4).map((frame) => `shot.000${frame}.exr`),
  );
  t.equal((await channels(join(shot.folder, 'real.exr')))[0]?.slice(0, 2), 'x.', 'a link stays one');
  await truncate(at('shot.0002.exr'), 9000);
  const damaged = await readFile(at('shot.0002.exr'));
  t.same(outcome(await shot.run(options)), { done: '1,3-4', failed: ['2 CHUNKS_MISSING'] });
  t.same(await readFile(at('shot.0002.exr')), damaged, 'what fails stays as it is');
  await t.rejects(shot.run({ ...options, output: 'x' }), { code: 'BAD_SEQUENCE' });
  await t.rejects(shot.run({ ...options, steps: [merge({})] }), { code: 'BAD_SEQUENCE' });
  await t.rejects(shot.run({ ...options, mark: false, skipExisting: true }), { code: 'BAD_SEQUENCE' });
});

t.test('several sequences, donors and views, frame by frame', async (t) => {
  const folder = await temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await makeFrames(at('beauty'), range(1, 4));
  await makeFrames(at('fog'), [1, 2, 4], (frame) => `fog.${frame}.exr`);
  await copyFile(smallFrame, at('logo.exr'));
  const inputs = [at('beauty/shot.####.exr'), at('fog/fog.#.exr'), at('logo.exr')];
  const options = { inputs, steps: [merge({ as: 'parts' })], output: at('merged/{frame}.exr') };
  await t.rejects(runSequence(options), { code: 'FRAMES_MISSING', message: /fog\.#\.exr: 3/ });
  t.notOk(await stat(at('merged')).catch(() => undefined), 'nothing is begun');
  const heard = listener();
  t.same(outcome(await runSequence({ ...options, missing: 'skip', onEvent: heard.onEvent })), { done: '1-2,4' });
  t.same(heard.of('plan')[0]?.missing, [{ input: inputs[1], view: undefined, frames: '3', policy: 'skip' }]);
  t.same(outcome(await runSequence({ ...options, missing: 'hold' })), { done: '1-4' });
  t.equal((await readExrHeader(at('merged/0003.exr'))).parts.length, 3);

  // Each frame takes the attributes of its own donor, whatever its number's padding.
  for (const frame of [1, 2])
    await runSequence({
      inputs: [smallFrame],
      steps: [setAttribute({ attributes: [`take=donor ${frame}`] })],
      output: at(frame === 1 ? 'donor.0001.exr' : 'donor.2.exr'),
    });
  const follow = {
    inputs: [inputs[0] ?? ''],
    frames: '1-2',
    steps: [copyAttributes({ from: at('donor.####.exr'), only: ['take'] })],
  };
  await runSequence({ ...follow, output: at('followed/') });
  const take = async (path: string) =>
    stringAttribute((await readExrHeader(at(path))).parts[0]?.attributes.get('take'));
  t.equal(await take('followed/shot.0001.exr'), 'donor 1');
  t.equal(await take('followed/shot.0002.exr'), 'donor 2');
  const missing = await runSequence({ ...follow, frames: '2-3', output: at('none/') });
  t.same(outcome(missing), { done: '2', failed: ['3 ENOENT'] });
  t.match(missing.failed[0]?.error.where.file, /donor\.0003\.exr$/);

  await makeFrames(at('stereo'), [1, 2], (frame) => `left.${frame}.exr`);
  await makeFrames(at('stereo'), [1, 2], (frame) => `right.${frame}.exr`);
  await runSequence({ inputs: [at('stereo/%V.#.exr')], steps: [], output: at('views/%V/eye.%04d.exr') });
  t.same(Object.keys(await readTree(at('views'))), [
    'left/eye.0001.exr',
    'left/eye.0002.exr',
    'right/eye.0001.exr',
    'right/eye.0002.exr',
  ]);

  await makeFrames(at('numbers'), [7, 8], (frame) => `000${frame}.exr`);
  await runSequence({ inputs: [at('numbers/####.exr')], steps: [], output: at('named/{stem}.{frame}.exr') });
  t.same(await readdir(at('named')), ['numbers.0007.exr', 'numbers.0008.exr']);
});

t.test('what is refused before anything is written', async (t) => {
  const shot = await makeShot(t, range(1, 3));
  const refused = (options: Partial<SequenceOptions>, code: string) => t.rejects(shot.run(options), { code }, code);
  await refused({ output: `${shot.out}/all.exr` }, 'OUTPUT_TWICE');
  await refused({ output: undefined }, 'BAD_SEQUENCE');
  await refused({ frames: '1-x' }, 'BAD_FRAME_RANGE');
  await refused({ frames: '7-9' }, 'FRAMES_MISSING');
  await refused({ inputs: [join(shot.folder, 'in/')], frames: '7-9' }, 'NO_FRAMES');
  await refused({ inputs: [join(shot.folder, 'in/none.####.exr')] }, 'NO_FILES');
  await refused({ inputs: [join(shot.folder, 'in/none.exr')] }, 'ENOENT');
  await refused({ output: `${shot.out}/{nonsense}.{frame}.exr` }, 'UNKNOWN_TOKEN');
  t.notOk(await stat(shot.out).catch(() => undefined));

  await refused({ output: join(shot.folder, 'in/'), steps: [] }, 'OUTPUT_IS_INPUT');
  await symlink('in', join(shot.folder, 'same'));
  await t.rejects(
    shot.run({ output: join(shot.folder, 'same/'), steps: [] }),
    { code: 'OUTPUT_IS_INPUT', message: 'this and 2 more outputs would overwrite inputs' },
    'by another way to the folder',
  );
  await mkdir(join(shot.folder, 'links'));
  await symlink('../in/shot.0002.exr', join(shot.folder, 'links/shot.0003.exr'));
  await t.rejects(
    shot.run({ output: join(shot.folder, 'links/'), steps: [] }),
    { code: 'OUTPUT_IS_INPUT', where: { file: /links\/shot\.0003\.exr$/ } },
    'by a link to a file',
  );
  await t.rejects(
    shot.run({ output: `${shot.out}/{layer}.exr` }),
    { code: 'OUTPUT_TWICE', message: /several would be written to .*\{layer\}\.exr$/ },
    'the layers of one frame over those of another',
  );
  t.notOk(await stat(shot.out).catch(() => undefined));
});

t.test('files of different names may share a pattern without a frame', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), [1, 2], (frame) => (frame === 1 ? 'fog.exr' : 'hero.exr'));
  const prefix = defineFilter({
    name: 'prefix',
    summary: 'test',
    description: 'test',
    examples: [],
    options: {},
    header: (header, _, { inputs }) => ({
      ...header,
      parts: header.parts.map((part) => ({ ...part, name: inputs[0]?.stem })),
    }),
  })({});
  const output = join(folder, 'out/{layer}.exr');
  const summary = await runSequence({ inputs: [join(folder, 'in')], steps: [prefix], output });
  t.equal(summary.done, 2);
  t.same((await readdir(join(folder, 'out'))).toSorted(), ['fog.exr', 'hero.exr']);
  const clash = await runSequence({
    inputs: [join(folder, 'in')],
    steps: [],
    output: join(folder, 'same/{layer}.exr'),
    jobs: 1,
  });
  t.same(
    [clash.done, clash.failed.map(({ error }) => error.code)],
    [1, ['OUTPUT_TWICE']],
    'it shows when they are opened',
  );
});

t.test('an interruption leaves only whole files, and reports what is left', async (t) => {
  const shot = await makeShot(t, range(1, 12));
  for (const filters of [undefined, filtersModule]) {
    const controller = new AbortController();
    const heard = listener();
    const output = join(shot.folder, filters ? 'threads' : 'local', '{layer}/{frame}.exr');
    const summary = await shot.run({
      output,
      filters,
      jobs: 2,
      signal: controller.signal,
      onEvent: (event) => {
        heard.onEvent(event);
        if (event.type === 'frame-done' && heard.of('frame-done').length === 3) controller.abort();
      },
    });
    t.equal(summary.stopped, 'signal');
    t.same(summary.failed, [], 'an interruption is no failure');
    t.equal(summary.done + summary.left, 12);
    t.ok(summary.left >= 7, `${summary.left} left`);
    const folder = join(output, '../..');
    for (const file of Object.keys(await readTree(folder))) t.ok(await readWholeHeader(join(folder, file)), file);
    const rest = await shot.run({ output, filters, skipExisting: true });
    t.equal(rest.done + rest.existing, 12);
    t.ok(rest.existing >= 3);
  }
  t.same(outcome(await shot.run({ signal: AbortSignal.abort() })), { left: '1-12', stopped: 'signal' });
});

t.test('a listener that throws ends the run with its error, and hears of nothing more', async (t) => {
  const shot = await makeShot(
    t,
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  for (const filters of [undefined, filtersModule])
    for (const type of ['start', 'frame-start', 'frame-done', 'summary'] as const) {
      const own = new TypeError(type);
      const output = join(shot.folder, `${type}-${filters ? 'threads' : 'local'}`, '{frame}.exr');
      let after = 0;
      let thrown = false;
      const run = shot.run({
        output,
        filters,
        jobs: 2,
        onEvent: (event) => {
          if (thrown) after += 1;
          if (event.type !== type) return;
          thrown = true;
          throw own;
        },
      });
      t.equal(await run.catch((error) => error), own, type);
      t.equal(after, 0, 'it is told nothing more');
      const folder = join(output, '..');
      const files = Object.keys(await readTree(folder).catch(() => ({})));
      // The other of the two frames under way may end at the same time.
      const few = { start: [0], 'frame-start': [0], 'frame-done': [1, 2], summary: [12] }[type];
      t.ok(few.includes(files.length), `${files.length} files of ${type}`);
      for (const file of files) t.ok(await readWholeHeader(join(folder, file)), file);
    }
});

t.test('frames are taken as a renderer finishes them', async (t) => {
  const shot = await makeShot(t, [1]);
  const whole = await readFile(smallFrame);
  const path = (frame: number) => join(shot.folder, `in/shot.000${frame}.exr`);
  const heard = listener();
  const watch = { until: 3, interval: 0.05 };
  // Also into the folder that is watched: outputs are no new frames.
  const output = join(shot.folder, 'in/{stem}.done.{frame}.exr');
  const inputs = [join(shot.folder, 'in')];
  const steps = [rename({ addPrefix: 'x.' })];
  const running = shot.run({ inputs, output, steps, watch, onEvent: heard.onEvent });
  // A renderer writes the header, chunk after chunk, and the table of chunks at the end.
  const done = async (count: number) => {
    while (heard.of('frame-done').length < count) await new Promise((resolve) => setTimeout(resolve, 20));
    return heard.of('frame-done').map(({ frame }) => frame);
  };
  await writeFile(path(2), whole.subarray(0, 9000));
  t.same(await done(1), [1]);
  await writeFile(path(3), whole);
  t.same(await done(2), [1, 3], 'what is not whole waits');
  await writeFile(path(2), whole);
  t.same(outcome(await running), { done: '1-3' });

  await writeFile(path(5), whole.subarray(0, 9000));
  const idle = await shot.run({ watch: { idle: 0.3, interval: 0.05 } });
  t.same(outcome(idle), { done: '1-3', left: '5' }, 'until nothing comes any more');
  const over = await shot.run({
    output: join(shot.folder, 'in/'),
    steps,
    watch: { idle: 0.1, interval: 0.05 },
    frames: '1-3',
  });
  t.same(outcome(over), { failed: ['1 OUTPUT_IS_INPUT', '2 OUTPUT_IS_INPUT', '3 OUTPUT_IS_INPUT'] });
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 200);
  t.match(await shot.run({ output: `${shot.out}2/`, steps, watch: { interval: 0.05 }, signal: stop.signal }), {
    stopped: 'signal',
  });
});

t.test('warnings, dry runs and reports', async (t) => {
  const shot = await makeShot(t, range(1, 3));
  const report = new ReportBuilder();
  const heard = listener();
  await truncate(join(shot.folder, 'in/shot.0003.exr'), 9000);
  await shot.run({
    steps: [grumble({})],
    output: `${shot.out}/`,
    // The filter is not in this module, so its frames cannot go to other threads.
    filters: filtersModule,
    onEvent: (event) => {
      report.onEvent(event);
      heard.onEvent(event);
    },
  });
  t.equal(heard.of('start')[0]?.threads, 0);
  const notices = heard.of('notice');
  t.equal(notices.filter(({ code, level }) => code === 'GRUMBLE' && level === 'warning').length, 2);
  const made = report.report();
  t.match(made, { format: 1, steps: ['grumble'], planned: '1-3', summary: { done: 2 } });
  t.same(
    made.frames.map(({ frame, status, files, notices }) => [frame, status, files.length, notices.length]),
    [
      [1, 'done', 1, 2],
      [2, 'done', 1, 2],
      [3, 'failed', 0, 0],
    ],
  );
  t.equal(made.frames[2]?.error?.code, 'CHUNKS_MISSING');

  const strict = await shot.run({ steps: [grumble({})], output: `${shot.folder}/strict/`, frames: '1', strict: true });
  t.same(outcome(strict), { failed: ['1 GRUMBLE'] });
  t.same(await readdir(`${shot.folder}/strict/`), []);

  const dry = listener();
  t.match(
    await shot.run({
      output: `${shot.folder}/dry/{layer}/{frame}.exr`,
      frames: '1',
      dryRun: true,
      onEvent: dry.onEvent,
    }),
    { done: 1, bytes: 0 },
  );
  t.ok((dry.of('frame-done')[0]?.parts.length ?? 0) > 1, 'it tells what would happen');
  t.notOk(await stat(`${shot.folder}/dry`).catch(() => undefined), 'and writes nothing');
});

t.test('a budget that frames share', async (t) => {
  const gate = new Gate(100);
  const order: string[] = [];
  const enter = async (name: string, bytes: number, lease = gate.lease()) => {
    await lease.take(bytes);
    order.push(name);
    return lease;
  };
  const tick = () => new Promise((resolve) => setImmediate(resolve));
  const a = await enter('a', 60);
  const waiting = [enter('large', 500), enter('b', 10)];
  await tick();
  t.same(order, ['a'], 'first come, first served: b waits behind the one that does not fit');
  a.end();
  await tick();
  t.same(order, ['a', 'large'], 'what is larger than all goes alone');
  (await waiting[0])?.end();
  await Promise.all(waiting);
  t.same(order, ['a', 'large', 'b']);
});

t.test('a lease is given back once, and ends with its owner', async (t) => {
  const gate = new Gate(100);
  const [a, b, c, d] = [gate.lease(), gate.lease(), gate.lease(), gate.lease()];
  await a.take(50);
  await b.take(50);
  const grown = a.take(80);
  t.equal(a.bytes, 0, 'who waits for more holds nothing');
  const next = c.take(60);
  // Its owner is gone: a frame thread that died.
  a.end(new Error('gone'));
  a.end();
  await t.rejects(grown, { message: 'gone' });
  await t.rejects(a.take(1), { message: 'gone' }, 'also later');
  b.end();
  await next;
  t.equal(c.bytes, 60);
  await d.take(40);
  const late = gate.lease().take(1);
  const full = await Promise.race([late.then(() => 'in'), new Promise((resolve) => setImmediate(resolve, 'waits'))]);
  t.equal(full, 'waits', 'what was ended twice is not there twice');
  c.end();
  await late;
});
