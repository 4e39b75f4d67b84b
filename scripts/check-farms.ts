/**
 * Jobs of farms, run or judged by the farms' own programs: `npm run check:farms [-- --sample] [--only openjd|slurm]`. Frames are damaged and
 * missing, workers and daemons are killed, tasks are requeued, paths are mapped; at the end every output has the bytes of the run on
 * one machine. What is not installed here is left out, and said. With --sample OpenJD runs fewer jobs.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { expect, tell } from './farms/machine.js';
import { checkOpencue } from './farms/opencue.js';
import { checkOpenjd, installOpenjd } from './farms/openjd.js';
import { Shot } from './farms/shot.js';
import { checkSlurm, slurmIsThere } from './farms/slurm.js';

const { values } = parseArgs({
  options: { sample: { type: 'boolean', default: false }, only: { type: 'string' }, venv: { type: 'string' } },
});
const wanted = (name: string): boolean => values.only === undefined || values.only === name;
expect(['openjd', 'slurm', undefined].includes(values.only), `there is no check "${values.only}"`);

const home = mkdtempSync(join(tmpdir(), 'exrpipe-farms-'));
const place = (name: string): string => {
  mkdirSync(join(home, name), { recursive: true });
  return join(home, name);
};
try {
  if (wanted('openjd')) {
    const tools = await installOpenjd(values.venv ?? place('venv'));
    if (tools !== undefined) {
      const shot = await Shot.make(place('openjd'), 24);
      await checkOpencue(shot, tools);
      await checkOpenjd(shot, tools, values.sample);
    }
  }
  if (wanted('slurm') && slurmIsThere()) await checkSlurm(await Shot.make(place('slurm'), 240), place('daemons'));
  tell('done');
} finally {
  rmSync(home, { recursive: true, force: true });
}
