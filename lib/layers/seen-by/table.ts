/** The programs whose way of reading is known. */
import { afterEffects } from './after-effects.js';
import { blender, blender3 } from './blender.js';
import { fusion } from './fusion.js';
import { nuke } from './nuke.js';
import type { Program, Reader } from './program.js';
import { python } from './python.js';

export const readers: Readonly<Record<Program, Reader>> = {
  blender,
  blender3,
  nuke,
  fusion,
  'after-effects': afterEffects,
  arnold: python,
};
