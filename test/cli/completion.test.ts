/** The scripts for fish and zsh, where these shells are installed. That of bash has golden cases: bash runs those anyway. */
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const { PATH } = process.env;

/** What a shell's command prints in a folder that has these files and a program called exrpipe; undefined without the shell. */
async function runIn(folder: string, shell: string, command: string): Promise<string | undefined> {
  await writeFile(`${folder}/exrpipe`, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`);
  await chmod(`${folder}/exrpipe`, 0o755);
  const env = { PATH: `${folder}:${PATH}`, HOME: folder, LANG: 'C.UTF-8', TERM: 'dumb' };
  return new Promise((resolve, reject) => {
    execFile(shell, ['-c', command], { cwd: folder, env }, (error, out, err) => {
      if (error?.code === 'ENOENT') resolve(undefined);
      else if (error || err !== '') reject(error ?? new Error(err));
      else resolve(out);
    });
  });
}

t.test('fish', async (t) => {
  const folder = t.testdir({ 'shot.0001.exr': '', 'my.yaml': '' });
  const lines: readonly [string, readonly string[]][] = [
    ['exrpipe comp', ['completion', 'compress']],
    ['exrpipe copy-attributes --from sh', ['shot.0001.exr']],
    ['exrpipe copy-attributes --from=sh', ['--from=shot.0001.exr']],
    ['exrpipe copy-attributes --from nothing', []],
    ['exrpipe inject-manifest --layer sh', []],
    ['exrpipe compress --to=dw', ['--to=dwaa', '--to=dwab']],
    ['exrpipe rename --preset n', ['nuke']],
    ['exrpipe rename --preset my', ['my.yaml']],
    ['exrpipe compress --to zip sh', ['shot.0001.exr']],
  ];
  for (const [line, expected] of lines) {
    const out = await runIn(folder, 'fish', `exrpipe completion fish | source; complete -C '${line}'`);
    if (out === undefined) return t.pass('fish', { skip: 'fish is not installed; .ci/run installs it' });
    t.strictSame(
      out
        .split('\n')
        .slice(0, -1)
        .map((word) => word.replace(/\t.*/, '')),
      expected,
      line,
    );
  }
});

t.test('zsh', async (t) => {
  const out = await runIn(t.testdir({}), 'zsh', 'exrpipe completion zsh > script && zsh -n script && echo sound');
  if (out === undefined) return t.pass('zsh', { skip: 'zsh is not installed; .ci/run installs it' });
  t.equal(out, 'sound\n');
});
