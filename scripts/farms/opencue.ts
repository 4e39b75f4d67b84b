/** OpenCue: the outline that exrpipe writes beside what pyoutline serialises, and its frames as OpenCue reads them. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expectCode, exrpipe, run, tell } from './machine.js';
import type { Shot } from './shot.js';

const script = fileURLToPath(new URL('../../../scripts/farms/opencue.py', import.meta.url));

/** `tools`: programs of an environment of Python. */
export async function checkOpencue(shot: Shot, tools: string): Promise<void> {
  // pyoutline needs packaging and does not say so.
  const words = ['install', '--quiet', '--disable-pip-version-check', 'opencue-pyoutline==1.37.*', 'packaging'];
  const installed = await run(join(tools, 'pip'), words, { minutes: 10 });
  if (installed.code !== 0) {
    tell(`OpenCue is left out: pip cannot install opencue-pyoutline: ${installed.err.trim().split('\n').at(-1)}`);
    return;
  }
  const folder = join(shot.folder, 'opencue');
  const job = ['farm', 'opencue', '--to', folder, '--frames-per-task', '3', '--threads', '3'];
  const chain = shot
    .chain(`${shot.folder}/opencue-out/`)
    .map((word) => (word === `1-${shot.frames}` ? '1-9x2,20-22' : word));
  expectCode(await run(exrpipe, [...job, ...chain]), 0, 'farm opencue');
  const frames = ['1', '3', '5', '7', '9', '20', '21', '22'];
  expectCode(await run(join(tools, 'python'), [script, join(folder, 'outline.xml'), ...frames]), 0, 'the outline');
  tell('OpenCue: the outline is what pyoutline writes, and its frames are read as they are meant');
}
