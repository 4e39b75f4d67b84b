import { deadline } from './deadline10.js';
import { flamenco } from './flamenco.js';
import type { FarmEngine } from './job.js';
import { opencue } from './opencue.js';
import { openjd } from './openjd.js';
import { slurm } from './slurm.js';

/** Every engine that jobs are written for; a new one takes its module, its test and a line here. */
export const farmEngines: readonly FarmEngine[] = [openjd, slurm, flamenco, opencue, deadline];
