/** Chains that look at a whole shot before they write its first frame. */

import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { type Crowd, inViewOf, writeCrowd } from '../../bench/harness/crowd.js';
import { manifest, merge, rename } from '../../filters/index.js';
import { readManifest, storedManifest } from '../../lib/cryptomatte/index.js';
import { readExrHeader, runSequence, type SequenceEvent, type SequenceOptions } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/index.js';
import { temporaryFolder } from '../support.js';

const crowd: Crowd = {
  names: 300,
  inView: 5,
  width: 40,
  height: 12,
  uneven: 20,
  sets: ['CryptoObject', 'CryptoAsset'],
};
const frames = Array.from({ length: 12 }, (_, number) => number + 1);
const seen = [...new Set(frames.flatMap((frame) => inViewOf(crowd, frame)))].sort();
const filters = new URL('../../filters/index.js', import.meta.url);
const program = fileURLToPath(new URL('../../bin/exrpipe.js', import.meta.url));

async function makeShot(t: Test): Promise<{ folder: string; input: string }> {
  const folder = await temporaryFolder(t);
  await writeCrowd(crowd, frames, join(folder, 'in'));
  return { folder, input: join(folder, 'in/crowd.####.exr') };
}

/** The files of a folder, by their names. */
async function contents(folder: string): Promise<Map<string, string>> {
  const names = (await readdir(folder)).sort();
  const files = names.map(async (name) => [name, (await readFile(join(folder, name))).toString('base64')] as const);
  return new Map(await Promise.all(files));
}

async function namesOf(path: string): Promise<string[][]> {
  const sets = headerSets(await readExrHeader(path));
  return sets.map(({ manifest: text }) => (text ? [...storedManifest(text).names.keys()] : []));
}

t.test('all frames get the names that occur in any of them, wherever frames are worked on', async (t) => {
  const { folder, input } = await makeShot(t);
  for (const [what, options] of [
    ['here', { jobs: 1 }],
    ['on threads', { jobs: 4, filters }],
  ] as const) {
    const output = join(folder, what.replace(' ', '-'));
    await mkdir(output);
    const events: SequenceEvent[] = [];
    const summary = await runSequence({
      ...options,
      inputs: [input],
      steps: [manifest({ shot: true })],
      output,
      onEvent: (event) => events.push(event),
    });
    t.equal(summary.done, frames.length, what);
    for (const file of await readdir(output)) t.same(await namesOf(join(output, file)), [seen, seen], file);
    t.same(
      events.slice(0, 2).map(({ type }) => type),
      ['start', 'plan'],
    );
    const surveys = events.flatMap((event) => (event.type === 'survey' ? event : []));
    t.match(surveys.at(-1), { filter: 'manifest', done: frames.length, total: frames.length });
    t.equal(surveys.flatMap(({ notices }) => notices).length, 2, 'one report for each Cryptomatte, not for each frame');
  }
  t.same(await contents(join(folder, 'here')), await contents(join(folder, 'on-threads')));
});

t.test('one sidecar for the shot, and the names back into the images', async (t) => {
  const { folder, input } = await makeShot(t);
  const [side, back, whole] = ['side', 'back', 'whole'].map((name) => join(folder, name)) as [string, string, string];
  for (const one of [side, back, whole]) await mkdir(one);
  const steps = [manifest({ shot: true, sidecarOut: 'names/{layer}.json' })];
  const options: SequenceOptions = { inputs: [input], steps, output: side, filters, jobs: 4, mark: false };
  t.equal((await runSequence(options)).done, frames.length);
  t.same((await readdir(join(side, 'names'))).sort(), ['CryptoAsset.json', 'CryptoObject.json']);
  t.same([...readManifest(await readFile(join(side, 'names/CryptoObject.json'))).names.keys()], seen);
  const sets = headerSets(await readExrHeader(join(side, 'crowd.0007.exr')));
  t.match(sets, [{ manifestFile: 'names/CryptoObject.json' }, { manifestFile: 'names/CryptoAsset.json' }]);
  await runSequence({
    inputs: [join(side, 'crowd.####.exr')],
    steps: [manifest({ embed: true })],
    output: back,
    mark: false,
  });
  await runSequence({ inputs: [input], steps: [manifest({ shot: true })], output: whole, mark: false });
  for (const file of await readdir(whole)) t.same(await namesOf(join(back, file)), await namesOf(join(whole, file)));
});

t.test('a sidecar that two frames would write: the advice is about its name', async (t) => {
  const { folder, input } = await makeShot(t);
  const steps = [manifest({ sidecarOut: 'names.{layer}.json' })];
  for (const [what, options] of [
    ['here', { jobs: 1 }],
    ['on threads', { jobs: 2, filters }],
  ] as const)
    await t.rejects(
      runSequence({
        ...options,
        inputs: [input],
        steps,
        output: join(folder, `${what}/{frame}.exr`),
        onError: 'skip',
      }).then(({ skipped }) => Promise.reject(skipped[0]?.error)),
      {
        code: 'OUTPUT_TWICE',
        message: /the same sidecar/,
        hint: /\{frame\} into the pattern of `sidecarOut`.*manifest\(\{ shot: true/,
        where: { file: /names\.Crypto\w+\.json$/ },
      },
      what,
    );
});

t.test('what the shot shows decides which outputs are up to date', async (t) => {
  const { folder, input } = await makeShot(t);
  const output = join(folder, 'out');
  await mkdir(output);
  for (const sidecarOut of [undefined, 'names.{layer}.json']) {
    const steps = [manifest({ shot: true, ...(sidecarOut && { sidecarOut }) })];
    const options: SequenceOptions = { inputs: [input], steps, output, skipExisting: true };
    t.equal((await runSequence({ ...options, frames: '1-6' })).done, 6);
    t.equal((await runSequence({ ...options, frames: '4-9' })).done, 3, 'tasks of a farm look at the whole shot');
    t.match(await runSequence(options), { done: 3, existing: 9 });
    t.match(await runSequence(options), { done: 0, existing: 12 });
  }
  const steps = [manifest({ shot: true, sidecarOut: 'names.{layer}.json' })];
  await rm(join(output, 'names.CryptoAsset.json'));
  t.ok((await runSequence({ inputs: [input], steps, output, skipExisting: true })).done > 0, 'a sidecar is missing');
  t.ok((await readdir(output)).includes('names.CryptoAsset.json'));
  await writeCrowd({ ...crowd, inView: 6 }, [3], join(folder, 'in'));
  const changed = await runSequence({ inputs: [input], steps, output, skipExisting: true });
  t.equal(changed.done, 12, 'another name is in view');
});

/** Runs the program until it tells of an event, and kills it there. */
async function killedAt(words: readonly string[], isIt: (event: SequenceEvent) => boolean): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [program, ...words, '--progress', 'json'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    if (lines.some((line) => line.startsWith('{') && isIt(JSON.parse(line)))) child.kill('SIGKILL');
  });
  await ended;
}

t.test('killed in either pass and resumed, the result is the same, byte by byte', async (t) => {
  const { folder, input } = await makeShot(t);
  const chain = ['manifest', '--shot', '--sidecar-out', 'names.{layer}.json', '--jobs', '2'];
  const right = join(folder, 'right');
  await mkdir(right);
  const steps = [manifest({ shot: true, sidecarOut: 'names.{layer}.json' })];
  await runSequence({ inputs: [input], steps, output: right });
  const moments = {
    'first pass': (event: SequenceEvent) => event.type === 'survey' && event.done === 4,
    'second pass': (event: SequenceEvent) => event.type === 'frame-done' && event.index >= 3,
  };
  for (const [what, isIt] of Object.entries(moments)) {
    const output = join(folder, what);
    await mkdir(output);
    await killedAt([...chain, input, '-o', output], isIt);
    const left = await readdir(output);
    t.ok(left.length < frames.length + 2, `${what}: it was killed before the end`);
    const summary = await runSequence({ inputs: [input], steps, output, skipExisting: true });
    t.equal(summary.failed.length, 0);
    const found = await contents(output);
    // What a killed process was writing stays under its temporary name.
    t.same(new Map([...found].filter(([name]) => !name.startsWith('.'))), await contents(right), what);

    const own = join(folder, `${what} in place`);
    await cp(join(folder, 'in'), own, { recursive: true });
    const inPlace = { inputs: [join(own, 'crowd.####.exr')], steps, inPlace: true, skipExisting: true };
    await killedAt([...chain, '--in-place', join(own, 'crowd.####.exr')], isIt);
    await runSequence(inPlace);
    const changed = await contents(own);
    t.same(new Map([...changed].filter(([name]) => !name.startsWith('.'))), await contents(right), `${what}, in place`);
  }
});

t.test('an aborted first pass leaves all frames', async (t) => {
  const { folder, input } = await makeShot(t);
  const controller = new AbortController();
  const summary = await runSequence({
    inputs: [input],
    steps: [manifest({ shot: true })],
    output: `${join(folder, 'out')}/`,
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'survey' && event.done === 2) controller.abort();
    },
  });
  t.match(summary, { done: 0, left: frames.length, stopped: 'signal' });
});

t.test('what a first pass cannot be made for is an error before work starts', async (t) => {
  const { folder, input } = await makeShot(t);
  const step = manifest({ shot: true });
  const output = `${join(folder, 'out')}/`;
  const base = { inputs: [input], output };
  await t.rejects(runSequence({ ...base, steps: [step], watch: {} }), { code: 'BAD_SEQUENCE', message: /`watch`/ });
  await t.rejects(runSequence({ ...base, steps: [step, merge({})] }), { code: 'BAD_SEQUENCE' });
  const steps = [rename({ addPrefix: 'x.' }), step];
  await t.rejects(runSequence({ inputs: [input], steps, inPlace: true }), {
    code: 'BAD_SEQUENCE',
    message: /in place/,
  });
});

t.test('a frame that cannot be looked at ends the run, or is left out where failures are skipped', async (t) => {
  const { folder, input } = await makeShot(t);
  const broken = join(folder, 'in/crowd.0005.exr');
  const bytes = await readFile(broken);
  await writeFile(broken, bytes.subarray(0, bytes.length - 100));
  const output = `${join(folder, 'out')}/`;
  const options = { inputs: [input], steps: [manifest({ shot: true })], output };
  await t.rejects(runSequence(options), { message: /damaged|end|short|cut|missing/ });
  const notices: string[] = [];
  const summary = await runSequence({
    ...options,
    onError: 'skip',
    onEvent: (event) => {
      if (event.type === 'survey') notices.push(...event.notices.map(({ code }) => code));
    },
  });
  t.match(summary, { done: frames.length - 1, skipped: [{ frame: 5 }] });
  t.ok(notices.includes('FRAMES_UNSEEN'));
});
