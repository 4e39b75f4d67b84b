/** Makes the shot that the figures for large manifests are measured on: `node dist/bench/made-shot.js FOLDER [FRAMES] [NAMES]`. */
import { usualCrowd, writeCrowd } from './harness/crowd.js';

const [folder, frames = '10', names = String(usualCrowd.names)] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: made-shot FOLDER [FRAMES] [NAMES]');
  process.exitCode = 2;
} else {
  const numbers = Array.from({ length: Number(frames) }, (_, number) => number + 1);
  const paths = await writeCrowd({ ...usualCrowd, names: Number(names) }, numbers, folder);
  console.log(`${paths.length} frames in ${folder}`);
}
