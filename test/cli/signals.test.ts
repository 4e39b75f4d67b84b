/** Whatever a process waits for, the first signal ends it, with the exit code of that signal and nothing left behind. */
import { execFileSync, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { compress } from '../../filters/index.js';
import { runFrame } from '../../lib/index.js';
import { fixturePath, temporaryFolder } from '../support.js';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const image = fixturePath('blender/b2_main_dot.0001.exr');

interface Waiting {
  readonly folder: string;
  /** A pipe that is open at both ends, whose reader takes nothing and whose writer brings nothing. */
  readonly stalled: number;
}

/** Words of a command, and the standard streams that are the stalled pipe. */
interface Setting {
  readonly words: readonly string[];
  readonly stdin?: true;
  readonly stdout?: true;
}

/** More than a pipe holds, so that whoever writes it to one that nobody reads must wait. */
const large = 'large.exr';

const settings: Readonly<Record<string, Setting>> = {
  'info of a stalled stdin': { words: ['info', '-'], stdin: true },
  'validate of a stalled stdin': { words: ['validate', '-'], stdin: true },
  'a filter with a stalled stdin': { words: ['compress', '--to', 'zip', '-o', 'out.exr'], stdin: true },
  'a filter whose reader has stalled': { words: ['compress', '--to', 'rle', large], stdout: true },
  'a filter that only copies, whose reader has stalled': { words: ['drop', '--layer', 'x', large], stdout: true },
  'info whose reader has stalled': { words: ['info', '--json', ...Array(80).fill(large)], stdout: true },
  'info of a pipe without a writer': { words: ['info', 'pipe'] },
  'validate of a pipe without a writer': { words: ['validate', 'pipe'] },
  'a filter with a pipe without a writer': { words: ['compress', '--to', 'zip', 'pipe', '-o', 'out.exr'] },
  'an output that is a pipe without a reader': { words: ['compress', '--to', 'rle', large, '-o', 'pipe'] },
  'a donor that is a pipe': { words: ['inject-manifest', '--replace', '--from', 'pipe', large, '-o', 'out.exr'] },
  'names from a pipe': { words: ['inject-manifest', '--replace', '--names', 'pipe', large, '-o', 'out.exr'] },
  'a pipeline from a pipe': { words: ['run', 'pipe', large, '-o', 'out.exr'] },
};

t.test('one signal ends every wait', async (t) => {
  t.setTimeout(180_000);
  const folder = await temporaryFolder(t);
  await runFrame([image], [compress({ to: 'none' })], join(folder, large));
  t.ok((await readFile(join(folder, large))).length > 128 << 10, 'more than a pipe holds');
  for (const name of ['pipe', 'stalled']) execFileSync('mkfifo', [join(folder, name)]);
  const stalled = await open(join(folder, 'stalled'), constants.O_RDWR);
  t.teardown(() => stalled.close());
  const before = (await readdir(folder)).sort();
  for (const [number, [name, setting]] of Object.entries(settings).entries()) {
    const signal = number % 2 === 0 ? 'SIGINT' : 'SIGTERM';
    const code = await interrupted(setting, signal, { folder, stalled: stalled.fd });
    t.equal(code, signal === 'SIGINT' ? 130 : 143, `${name}, ${signal}`);
    t.strictSame((await readdir(folder)).sort(), before, `nothing is left of ${name}`);
  }
});

t.test('a pipe is called by its name', async (t) => {
  const folder = await temporaryFolder(t);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  await writeFile(join(folder, 'bad'), 'no image');
  for (const words of ['info pipe', 'validate pipe', 'compress --to zip pipe -o out.exr'])
    t.match(
      await stderrOf(t, `cat bad > pipe & timeout -s KILL 120 "$NODE" "$EXRPIPE" ${words}`, folder),
      /^exrpipe: pipe: this is not an OpenEXR file/,
      words,
    );
  t.match(
    await stderrOf(t, 'timeout -s KILL 120 "$NODE" "$EXRPIPE" compress --to zip <(cat bad) -o out.exr', folder),
    /^exrpipe: \/dev\/fd\/\d+: this is not an OpenEXR file/,
  );
  t.match(
    await stderrOf(t, 'timeout -s KILL 120 "$NODE" "$EXRPIPE" compress --to zip < bad -o out.exr', folder),
    /^exrpipe: stdin: this is not an OpenEXR file/,
  );
});

/** The exit code of a program that waits when it gets a signal; null where it had to be killed. */
async function interrupted(setting: Setting, signal: NodeJS.Signals, waiting: Waiting): Promise<number | null> {
  const { words, stdin, stdout } = setting;
  const { folder, stalled } = waiting;
  // Without what tap preloads into every process, which waits and handles signals in its own way.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', process.execPath, program, ...words], {
    cwd: folder,
    stdio: [stdin ? stalled : 'ignore', stdout ? stalled : 'ignore', 'ignore'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await listens(child.pid as number);
  // Until it waits, some of the time. A signal that comes before that must end it as well.
  await setTimeout(200);
  child.kill(signal);
  const killer = new AbortController();
  void setTimeout(120_000, undefined, { signal: killer.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  const code = await ended;
  killer.abort();
  return code;
}

/** Waits until a process handles signals itself: SIGHUP, since Node handles the others from its start, and ends the process. */
async function listens(pid: number): Promise<void> {
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const caught = Number.parseInt(/^SigCgt:\s*([0-9a-f]+)/m.exec(status)?.[1]?.slice(-8) ?? '0', 16);
    if (caught & 1) return;
    await setTimeout(20);
  }
}

function stderrOf(t: Test, script: string, cwd: string): Promise<string> {
  const child = spawn('bash', ['-c', `unset NODE_OPTIONS; ${script}`], {
    cwd,
    env: { ...process.env, NODE: process.execPath, EXRPIPE: program },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (piece) => {
    text += piece;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      t.equal(code, 1, script);
      resolve(text);
    });
  });
}
