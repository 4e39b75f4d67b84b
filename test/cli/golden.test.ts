/**
 * The command line as people use it: every folder in cases/ has a shell script `cmd` and what it must print, `out` and
 * `err`. A first line `# exit N` tells the exit code. `frames` is a link to most fixtures, `$FIXTURES` are all.
 * Names of cases as arguments of `node dist/test/cli/golden.test.js` run only these.
 * `UPDATE_GOLDEN=1 npx tap dist/test/cli/golden.test.js` rewrites the files; read the difference before committing.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const project = fileURLToPath(new URL('../../../', import.meta.url));
const cases = join(project, 'test/cli/cases');
const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const { UPDATE_GOLDEN, PATH } = process.env;
const update = UPDATE_GOLDEN === '1';

interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly exit: number;
  /** Temporary files that were left. */
  readonly litter: readonly string[];
}

async function runCase(name: string): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), 'exrpipe-golden-'));
  try {
    const [work, bin, temp] = ['work', 'bin', 'tmp'].map((folder) => join(home, folder)) as [string, string, string];
    for (const folder of [work, bin, temp]) await mkdir(folder);
    await symlink(join(project, 'test/fixtures/blender'), join(work, 'frames'));
    await writeFile(join(bin, 'exrpipe'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
    await chmod(join(bin, 'exrpipe'), 0o755);
    // An environment of its own: the user's colours, language and tap's settings must not show.
    const env = {
      PATH: `${bin}:${PATH}`,
      TMPDIR: temp,
      HOME: home,
      LANG: 'C.UTF-8',
      FIXTURES: join(project, 'test/fixtures'),
    };
    const result = await runScript(join(cases, name, 'cmd'), work, env);
    const left = await readdir(work, { recursive: true });
    const litter = [...left.filter((file) => basename(file).startsWith('.')), ...(await readdir(temp))];
    return { ...result, litter };
  } finally {
    await rm(home, { recursive: true });
  }
}

function runScript(path: string, cwd: string, env: Record<string, string>): Promise<Omit<Outcome, 'litter'>> {
  return new Promise((resolve) => {
    execFile('bash', [path], { cwd, env, timeout: 300_000 }, (error, out, err) => {
      resolve({ out, err, exit: typeof error?.code === 'number' ? error.code : error ? -1 : 0 });
    });
  });
}

async function checkCase(name: string): Promise<void> {
  const read = (file: string): Promise<string> => readFile(join(cases, name, file), 'utf8');
  const expectedExit = Number(/^# exit (\d+)$/m.exec(await read('cmd'))?.[1] ?? 0);
  const { out, err, exit, litter } = await runCase(name);
  if (update) {
    await writeFile(join(cases, name, 'out'), out);
    await writeFile(join(cases, name, 'err'), err);
  }
  t.test(name, async (t) => {
    t.equal(out, await read('out'), 'stdout');
    t.equal(err, await read('err'), 'stderr');
    t.equal(exit, expectedExit, 'exit code');
    t.strictSame(litter, [], 'no temporary file is left');
  });
}

// Over a hundred processes take their time on a busy machine.
t.setTimeout(1_800_000);
const names = (await readdir(cases)).sort();
t.ok(names.length >= 40, 'the cases are there');
const chosen = process.argv.slice(2);
// Two at a time: most of a case is waiting for processes to start.
const queue = (chosen.length > 0 ? chosen : names).values();
await Promise.all(
  [0, 1].map(async () => {
    for (const name of queue) await checkCase(name);
  }),
);
