/**
 * A whole shot: frames side by side on all cores, those that are done already left out, and a line for each as it ends.
 *
 *     node dist/examples/08-run-a-sequence.js 'shot.####.exr' 'out/{layer}.{frame}.exr'
 */
import { rename, split } from '../filters/index.js';
import { runSequence, type SequenceSummary } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** In your own project this is `import.meta.resolve('exrpipe/filters')`. With it, frames run on threads of their own. */
const filters = new URL('../filters/index.js', import.meta.url);

/** Gives each view layer files of its own. What is done already is not done again, so it can be run as often as you like. */
export async function deliverShot(
  input: string,
  output: string,
  log: (line: string) => void = console.log,
): Promise<SequenceSummary> {
  return runSequence({
    inputs: [input],
    steps: [rename({ map: ['main=hero'] }), split({ by: 'view-layer' })],
    output,
    filters,
    skipExisting: true,
    missing: 'skip',
    onEvent: (event) => {
      if (event.type === 'frame-done') log(`frame ${event.frame}: ${event.files.length} files`);
      if (event.type === 'frame-failed') log(`frame ${event.frame}: ${event.error.message}`);
      if (event.type === 'summary') log(`${event.done} done, ${event.existing} there already`);
    },
  });
}

await asProgram(import.meta.url, ['INPUT', 'OUTPUT'], async (input = '', output = '') => {
  const { failed } = await deliverShot(input, output);
  if (failed.length > 0) throw new Error(`${failed.length} frames failed`);
});
