/** Programs a Cryptomatte is made for, as far as their readers differ. */
export const targets = ['nuke', 'fusion', 'after-effects', 'blender', 'arnold'] as const;
export type Target = (typeof targets)[number];

export interface TargetFacts {
  readonly label: string;
  /** Which reader is meant, since versions differ. */
  readonly reader: string;
  /** Longest name of a layer in bytes, where the reader has a limit of its own. */
  readonly nameBytes?: number;
  /** Most rank layers that the reader uses. */
  readonly rankLayers?: number;
}

/** Sources: Psyop's Cryptomatte repository (Nuke, Fusion), ProEXR's reader (After Effects), Blender's and CryptomatteArnold's source code. */
export const targetFacts: Readonly<Record<Target, TargetFacts>> = {
  nuke: { label: 'Nuke', reader: "Psyop's plug-in from 1.2.5 on, and Nuke 13's own reader", rankLayers: 12 },
  fusion: { label: 'Fusion', reader: "Psyop's Fuse, also in DaVinci Resolve", rankLayers: 10 },
  'after-effects': { label: 'After Effects', reader: "fnord's ProEXR and Cryptomatte effect", nameBytes: 63 },
  blender: { label: 'Blender', reader: 'the Cryptomatte node from 2.93 on', nameBytes: 63 },
  arnold: { label: 'Arnold', reader: 'comps built for renders of Arnold (MtoA and its sisters)' },
};
