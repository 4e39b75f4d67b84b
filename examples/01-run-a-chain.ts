/**
 * A chain of filters over one frame, as one call. In your own project the imports come from 'exrpipe'.
 *
 *     node dist/examples/01-run-a-chain.js shot.0001.exr out.exr
 */
import { drop, rename } from '../filters/index.js';
import { runFrame } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** Renames a view layer, leaves out its depth, and tells how the pixels moved. */
export async function runAChain(input: string, output: string): Promise<string> {
  const report = await runFrame([input], [rename({ map: ['main=hero'] }), drop({ layer: ['hero.Depth'] })], output, {
    onNotice: ({ level, message }) => console.error(`${level}: ${message}`),
  });
  const moves = report.plan.map(({ method, reason }) => `${method} (${reason})`);
  return `${report.files.join(', ')}: ${moves.join(', ')}`;
}

await asProgram(import.meta.url, ['INPUT', 'OUTPUT'], (input = '', output = '') => runAChain(input, output));
