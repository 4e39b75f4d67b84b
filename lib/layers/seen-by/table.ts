/** The programs whose reading is known. */
import { afterEffects } from './after-effects.js';
import { blender, blender3 } from './blender.js';
import { fusion } from './fusion.js';
import { nuke } from './nuke.js';
import type { Program, Reader } from './program.js';
import { python } from './python.js';

export interface ProgramRow {
  readonly label: string;
  /** Which reader is meant, since versions differ. */
  readonly reader: string;
  readonly read: Reader;
}

export const programTable: Readonly<Record<Program, ProgramRow>> = {
  blender: {
    label: 'Blender',
    reader: "the Cryptomatte node of 4.5 and 5.x, the image's colour space left as it is",
    read: blender,
  },
  blender3: { label: 'Blender before 4.5', reader: 'the Cryptomatte node of 3.0 to 4.4', read: blender3 },
  nuke: { label: 'Nuke', reader: "Psyop's plug-in from 1.2.6 on, and Nuke 13's own node", read: nuke },
  fusion: { label: 'Fusion', reader: "Psyop's Fuse, also in DaVinci Resolve", read: fusion },
  'after-effects': { label: 'After Effects', reader: "fnord's ProEXR and Cryptomatte effect", read: afterEffects },
  arnold: { label: 'Scripts', reader: 'scripts on OpenImageIO such as cryptomatte-api', read: python },
};
