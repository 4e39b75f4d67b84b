import type { FilterStep } from '../engine/filter.js';
import { isFramePattern } from '../io/frame-path.js';
import { lookAt } from '../node/files.js';
import { isGlob } from '../node/glob.js';

/**
 * Whether inputs stand for more than one frame: a pattern, folder or glob among them, or several files that no step joins.
 * An existing file with exactly this name is one file. `-` (stdin) is never a sequence.
 */
export async function isSequence(inputs: readonly string[], steps: readonly FilterStep[]): Promise<boolean> {
  if (inputs.length > 1 && !steps.some(({ joins }) => joins)) return true;
  for (const input of inputs) {
    if (input === '-') continue;
    const stats = await lookAt(input);
    if (stats?.isDirectory() || (!stats && (isFramePattern(input) || (await isGlob(input))))) return true;
  }
  return false;
}
