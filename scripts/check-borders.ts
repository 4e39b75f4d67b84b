/**
 * What happens at the borders of the program: `npm run check:borders [-- --all]`. Runs are killed and resumed, disks are full or
 * read-only, folders and files vanish, several runs share a folder, descriptors are few, readers are slow or gone. Whatever
 * happens, an output is whole or not there, nothing is left behind, and one line reports what was wrong. For Linux; checks that
 * need
 * the right to mount are skipped without it. With --all a run of 60 frames is killed 50 times, else one of 24 three times.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readWholeHeader } from '../lib/node/whole.js';

const { values } = parseArgs({ options: { all: { type: 'boolean' }, only: { type: 'string' } } });
const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const sample = fileURLToPath(new URL('../../test/fixtures/blender/b1_direct_half.0001.exr', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'exrpipe-borders-'));
const frames = values.all ? 60 : 24;

/** How a shell script ended. */
interface Ending {
  /** The exit code; 128 + n where a signal ended it, undefined where it had to be killed for taking too long. */
  readonly code: number | undefined;
  readonly text: string;
}

/** Runs a script with `exrpipe` and `$IN`, a folder of frames. It is killed, with all it started, when it takes a minute. */
function shell(script: string, cwd: string, wrap: readonly string[] = []): Promise<Ending> {
  const words = [...wrap, 'bash', '-c', `exrpipe() { '${process.execPath}' '${program}' "$@"; }\n${script}`];
  const { PATH } = process.env;
  const env = { PATH, IN: join(home, 'in'), TMPDIR: join(home, 'tmp') };
  const child = spawn(words[0] as string, words.slice(1), {
    cwd,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    process.kill(-(child.pid as number), 'SIGKILL');
  }, 60_000);
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code: late ? undefined : (code ?? (signal === 'SIGKILL' ? 137 : 128)), text });
    }),
  );
}

/** All files below a folder, by their paths in it. */
function files(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();
}

const isStray = (name: string): boolean => basename(name).startsWith('.');

class Trouble extends Error {}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Trouble(what);
}

function expectEnding({ code, text }: Ending, wanted: readonly number[], pattern?: RegExp): void {
  expect(code !== undefined, `still running after a minute: ${text}`);
  expect(wanted.includes(code as number), `exit ${code} instead of ${wanted}: ${text}`);
  if (pattern) expect(pattern.test(text), `no ${pattern} in: ${text}`);
  expect(!/^\s+at /m.test(text), `a stack: ${text}`);
}

/** Every image in a folder is whole. */
async function expectWhole(folder: string): Promise<void> {
  for (const name of files(folder).filter((one) => one.endsWith('.exr')))
    expect((await readWholeHeader(join(folder, name))) !== undefined, `${name} is not whole`);
}

function expectNoStrays(folder: string): void {
  const left = files(folder).filter(isStray);
  expect(left.length === 0, `left behind: ${left.slice(0, 3)}`);
}

/** Two folders hold the same files, byte for byte. */
function expectSame(folder: string, other: string): void {
  const [names, others] = [files(folder), files(other)];
  expect(names.join() === others.join(), `${names.length} files instead of ${others.length}: ${names.slice(0, 3)}`);
  for (const name of names)
    expect(readFileSync(join(folder, name)).equals(readFileSync(join(other, name))), `${name} differs`);
}

/** Has a day go by for what killed runs have left. */
function ageStrays(folder: string): void {
  const time = new Date(Date.now() - 25 * 3600_000);
  for (const name of files(folder).filter(isStray)) utimesSync(join(folder, name), time, time);
}

const chain =
  'exrpipe rename --add-prefix hero. then split --by layer --quiet --progress none --skip-existing --jobs 4';
const output = "'{layer}/{stem}.{frame}.exr'";
const whole = (out: string): string => `${chain} "$IN/shot.####.exr" -o ${out}/${output}`;
/** A chain that writes one file a frame. */
const plain = (rest: string): string => `exrpipe rename --add-prefix hero. --progress none ${rest}`;

/** A small file system in memory; undefined where mounting is not permitted. */
async function disk(folder: string, size: string): Promise<string | undefined> {
  const path = join(folder, 'disk');
  mkdirSync(path);
  const { code } = await shell(`mount -t tmpfs -o size=${size} tmpfs ${path}`, folder);
  if (code !== 0) return undefined;
  mounted.push(path);
  return path;
}

const mounted: string[] = [];

/** What a check needs that is not to be had here; undefined when it was done. */
type LeftOut = string | undefined;
const noMount = 'no right to mount here';

const checks: Readonly<Record<string, (folder: string) => Promise<LeftOut>>> = {
  async 'killed at random moments and resumed'(folder) {
    const began = performance.now();
    expectEnding(await shell(whole('calm'), folder), [0]);
    const time = performance.now() - began;
    for (let round = 0; round < (values.all ? 50 : 3); round++) {
      const seconds = ((0.1 + 0.9 * Math.random()) * time) / 1000;
      const run = `timeout -s KILL ${seconds.toFixed(3)} '${process.execPath}' '${program}'`;
      const killed = await shell(whole('killed').replace('exrpipe', run), folder);
      expectEnding(killed, [0, 137]);
      await expectWhole(join(folder, 'killed'));
      ageStrays(join(folder, 'killed'));
      expectEnding(await shell(whole('killed'), folder), [0]);
      expectSame(join(folder, 'killed'), join(folder, 'calm'));
      rmSync(join(folder, 'killed'), { recursive: true });
    }
  },

  async 'two runs into one folder'(folder) {
    expectEnding(await shell(whole('calm'), folder), [0]);
    const both = await Promise.all([shell(whole('out'), folder), shell(whole('out'), folder)]);
    for (const one of both) expectEnding(one, [0]);
    expectSame(join(folder, 'out'), join(folder, 'calm'));
    // Over what is there already: of two results for one file, one is dropped.
    const over = plain('--quiet "$IN/shot.####.exr" -o over/');
    expectEnding(await shell(over, folder), [0]);
    const again = await Promise.all([shell(over, folder), shell(over, folder)]);
    for (const one of again) expectEnding(one, [0, 3, 4]);
    await expectWhole(join(folder, 'over'));
    expectNoStrays(join(folder, 'over'));
    expect(files(join(folder, 'over')).length === frames, 'all frames are there');
  },

  async 'two containers with one host name and one folder'(folder) {
    const apart = ['unshare', '--pid', '--fork', '--mount-proc'];
    if ((await shell('true', folder, apart)).code !== 0) return 'no right to make PID namespaces here';
    expectEnding(await shell(whole('calm'), folder), [0]);
    const halves = [`1-${frames / 2}`, `${frames / 2 + 1}-${frames}`];
    const runs = halves.map((range) => shell(`${whole('out')} --frames ${range}`, folder, apart));
    for (const one of await Promise.all(runs)) expectEnding(one, [0]);
    expectSame(join(folder, 'out'), join(folder, 'calm'));
  },

  async 'a full disk, and a run resumed'(folder) {
    const small = await disk(folder, '120k');
    if (small === undefined) return noMount;
    const run = (rest = ''): string => plain(`--jobs 1 --skip-existing "$IN/shot.####.exr" -o ${small}/ ${rest}`);
    expectEnding(await shell(plain('--quiet "$IN/shot.####.exr" -o calm/'), folder), [0]);
    const full = await shell(run(), folder);
    expectEnding(full, [3], /the disk is full/);
    expect(
      /room for 0 MB, and the \d+ frames left will need about [01] MB/.test(full.text),
      `no early warning: ${full.text}`,
    );
    expectNoStrays(small);
    await expectWhole(small);
    expectEnding(await shell(`mount -o remount,size=8m ${small}; ${run('--quiet')}`, folder), [0]);
    expectSame(small, join(folder, 'calm'));
    expectEnding(
      await shell(`mount -o remount,ro ${small}; ${plain(`"$IN/shot.####.exr" -o ${small}/`)}`, folder),
      [1],
      /only be read|read-only/i,
    );
    expectSame(small, join(folder, 'calm'));
  },

  async 'a full or missing folder for temporary files'(folder) {
    const piped = (temp: string): string =>
      `cat "$IN/shot.0001.exr" | TMPDIR=${temp} exrpipe compress --to rle then pick --layer Combined | cat > out.exr; exit \${PIPESTATUS[1]}`;
    const missing = await shell(piped('/nowhere/at/all'), folder);
    expectEnding(missing, [1], /\/nowhere\/at\/all: .*no such folder.*TMPDIR/);
    const small = await disk(folder, '8k');
    if (small === undefined) return noMount;
    expectEnding(await shell(piped(small), folder), [1], /disk: .*the disk is full.*TMPDIR/);
    expect(files(small).length === 0, 'nothing is left there');
  },

  async 'folders and files that vanish or are replaced'(folder) {
    const run = plain('--jobs 1 in/shot.####.exr -o out/');
    const meanwhile = (act: string): string => `
      cp -r "$IN" in; ${run} & run=$!
      until [ -e out/shot.0003.exr ]; do sleep 0.01; done
      ${act}; wait $run; code=$?; rm -rf in; exit $code`;
    const gone = await shell(meanwhile('mv out moved'), folder);
    expectEnding(gone, [0, 3], undefined);
    for (const name of ['moved', 'out']) await expectWhole(join(folder, name));
    rmSync(join(folder, 'moved'), { recursive: true });
    rmSync(join(folder, 'out'), { recursive: true, force: true });
    const inputs = await shell(meanwhile('rm in/shot.002*'), folder);
    expectEnding(inputs, [0, 3]);
    await expectWhole(join(folder, 'out'));
    expectNoStrays(join(folder, 'out'));
    rmSync(join(folder, 'out'), { recursive: true });
    const replaced = await shell(meanwhile('cp in/shot.0001.exr in/new && mv in/new in/shot.0020.exr'), folder);
    expectEnding(replaced, [0]);
    await expectWhole(join(folder, 'out'));
  },

  async '64 descriptors and 8 jobs'(folder) {
    expectEnding(await shell(whole('calm'), folder), [0]);
    const few = `ulimit -n 64; ${whole('out').replace('--jobs 4', '--jobs 8')}`;
    const first = await shell(few, folder);
    expectEnding(first, [0, 1, 3]);
    if (first.code !== 0)
      expect(/too many files are open.*--jobs.*ulimit/.test(first.text), `no advice: ${first.text}`);
    await expectWhole(join(folder, 'out'));
    expectNoStrays(join(folder, 'out'));
    expectEnding(await shell(whole('out'), folder), [0]);
    expectSame(join(folder, 'out'), join(folder, 'calm'));
  },

  async 'readers that are slow, stop, or are gone'(folder) {
    const through = 'exrpipe compress --to none < "$IN/shot.0001.exr"';
    const slow = await shell(
      `${through} > whole.exr
      ${through} | (sleep 0.3; while head -c 9000; do [ \${PIPESTATUS[0]} = 0 ] || break; sleep 0.02; n=$((n + 1)); [ $n -lt 60 ] || break; done) > slow.exr
      cmp whole.exr slow.exr`,
      folder,
    );
    expectEnding(slow, [0]);
    expectEnding(await shell(`${through} | head -c 100 > /dev/null; exit \${PIPESTATUS[0]}`, folder), [0]);
    expectEnding(await shell(`${through} | true; exit \${PIPESTATUS[0]}`, folder), [0]);
    expectEnding(await shell(`${through} >&-`, folder), [0, 1]);
  },

  async 'stdin that stalls, and a signal'(folder) {
    for (const bytes of [0, 100, 9000]) {
      const stalled = await shell(
        `
        mkfifo pipe.${bytes}; (head -c ${bytes} "$IN/shot.0001.exr"; exec sleep 50) > pipe.${bytes} & feeder=$!
        '${process.execPath}' '${program}' compress --to rle -o out.exr < pipe.${bytes} & run=$!
        sleep 0.7; kill -TERM $run; wait $run; code=$?; kill $feeder; exit $code`,
        folder,
      );
      expectEnding(stalled, [143]);
      expect(
        files(folder).every((name) => name.startsWith('pipe')),
        `left behind: ${files(folder)}`,
      );
    }
  },
};

mkdirSync(join(home, 'in'));
mkdirSync(join(home, 'tmp'));
for (let frame = 1; frame <= frames; frame++)
  cpSync(sample, join(home, 'in', `shot.${String(frame).padStart(4, '0')}.exr`));
let failed = 0;
const began = performance.now();
for (const [at, [name, run]] of Object.entries(checks).entries()) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const folder = join(home, String(at));
  mkdirSync(folder);
  const start = performance.now();
  try {
    const leftOut = await run(folder);
    if (readdirSync(join(home, 'tmp')).length > 0)
      throw new Trouble(`left in TMPDIR: ${readdirSync(join(home, 'tmp'))}`);
    console.log(
      leftOut ? `left out: ${name}: ${leftOut}` : `ok: ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
    );
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    failed += 1;
    console.log(`FAILED: ${name}: ${error.message}`);
  } finally {
    for (const path of mounted.splice(0)) await shell(`umount -l ${path}`, home);
  }
}
rmSync(home, { recursive: true, force: true });
console.log(`${failed} failed, ${((performance.now() - began) / 1000).toFixed(1)} s`);
process.exitCode = failed > 0 ? 1 : 0;
