/** A program's view of a header: its own names for channels, and what it finds of each Cryptomatte. */
import type { Attribute } from '../../model/attributes.js';
import type { Channel, Header } from '../../model/header.js';

/** Readers of Cryptomattes that differ. `blender3` is Blender 3.0 to 4.4, `arnold` stands for scripts in Python. */
export const programs = ['blender', 'blender3', 'nuke', 'fusion', 'after-effects', 'arnold'] as const;
/** A program, or a family of readers, whose way with files exrpipe knows. */
export type Program = (typeof programs)[number];

export function isProgram(text: string): text is Program {
  return programs.some((program) => program === text);
}

/** What is known of a program. */
export interface ProgramFacts {
  /** Its name in messages. */
  readonly label: string;
  /** Which of its readers this is, since versions differ. */
  readonly reader: string;
}

/** Sources: Blender's code, Psyop's Cryptomatte repository (Nuke, Fusion), ProEXR's reader (After Effects), cryptomatte-api. */
export const programFacts: Readonly<Record<Program, ProgramFacts>> = {
  blender: {
    label: 'Blender',
    reader: "the Cryptomatte node of 4.5 and 5.x, the image's colour space left as it is",
  },
  blender3: { label: 'Blender before 4.5', reader: 'the Cryptomatte node of 3.0 to 4.4' },
  nuke: { label: 'Nuke', reader: "Psyop's plug-in from 1.2.6 on, and Nuke 13's own node" },
  fusion: { label: 'Fusion', reader: "Psyop's Fuse, also in DaVinci Resolve" },
  'after-effects': { label: 'After Effects', reader: "fnord's ProEXR and Cryptomatte effect" },
  arnold: {
    label: 'Scripts',
    reader: 'comps built for renders of Arnold, and scripts on OpenImageIO such as cryptomatte-api',
  },
};

/** A channel under a program's name. Channels that it does not show at all are omitted. */
export interface SeenChannel {
  /** Number of the part in its header. */
  readonly part: number;
  readonly channel: Channel;
  /** '' where the program has no layer for it. */
  readonly layer: string;
  readonly name: string;
  /** '' without views. */
  readonly view: string;
}

/** A Cryptomatte that metadata declares: one for each key and name, in whatever part. */
export interface DeclaredSet {
  readonly key: string;
  /** `cryptomatte/`, or what a program made of it. */
  readonly prefix: string;
  readonly name: string | undefined;
  /** Numbers of the parts that declare it. */
  readonly parts: readonly number[];
}

/** Its attributes in one part, by what follows the key (`name`, `manifest`, …). */
export type SetFields = ReadonlyMap<string, Attribute>;

export interface Declaration {
  readonly set: DeclaredSet;
  readonly fields: ReadonlyMap<number, SetFields>;
}

/** Why mattes are wrong or missing. */
export type ProblemCode =
  /** OpenEXR or the program refuses the file. */
  | 'unreadable'
  /** The metadata is where the program does not look: in another part, or under another prefix. */
  | 'other-part'
  | 'other-prefix'
  /** An attribute stops the program, this set's or another's. */
  | 'bad-attribute'
  | 'no-metadata'
  | 'no-name'
  | 'no-manifest'
  /** The program treats the file as one plain image. */
  | 'no-layers'
  | 'multi-part'
  | 'long-name'
  | 'hidden-layer'
  | 'colour-space'
  /** No layer of the file has the name. */
  | 'no-channels'
  /** The layers exist, but the program gives them other names. */
  | 'other-name'
  | 'missing-ranks'
  | 'foreign-ranks'
  | 'repeated-ranks'
  /** A rank layer lacks channels that a rank needs, or they are in another order. */
  | 'rank-channels'
  | 'not-float'
  | 'unequal-windows';

/** Why a Cryptomatte does not work in a program. */
export interface Problem {
  readonly code: ProblemCode;
  /** A sentence without its full stop, as messages have it. */
  readonly text: string;
  /** The attribute that stops the program, if any. */
  readonly attribute?: string;
}

/** A remark about something that works. */
export interface Note {
  readonly code: 'rank-order' | 'escapes' | 'no-names' | 'sidecar';
  readonly text: string;
}

/** What a program finds of one Cryptomatte. */
export interface Finding {
  /** The name under which the program lists it; undefined if it does not. */
  readonly listed: string | undefined;
  /** For each rank layer found, its channels in the order red, green, blue, alpha as the program takes them. */
  readonly ranks: readonly (readonly Channel[])[];
  readonly problem?: Problem | undefined;
  readonly notes?: readonly Note[] | undefined;
}

/** How a program reads. Both functions are pure and linear, and never throw, whatever a header holds. */
export interface Reader {
  channels(header: Pick<Header, 'parts'>): readonly SeenChannel[];
  /** One finding per declaration, in order. */
  find(
    header: Pick<Header, 'parts'>,
    channels: readonly SeenChannel[],
    declarations: readonly Declaration[],
  ): readonly Finding[];
}

/** A set that a program does not list. */
export function unlisted(code: ProblemCode, text: string, attribute?: string): Finding {
  return { listed: undefined, ranks: [], problem: { code, text, ...(attribute !== undefined && { attribute }) } };
}
