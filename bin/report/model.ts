/** The contents of a report, whatever it is written as: a page, a table, or text. */

/** How bad something is; a note is nothing to do about. */
export type Level = 'error' | 'warning' | 'note';

/** How a frame stands. */
export type State = 'good' | 'warning' | 'error' | 'missing';

/** A frame, or a file without a number. */
export interface FrameRow {
  /** Its number, several numbers that are missing together, or its file. */
  readonly name: string;
  /** How many frames the row is for: more than one only where they are missing. */
  readonly count: number;
  readonly file: string;
  readonly state: State;
  /** The state in words: `2 errors`. */
  readonly status: string;
  /** A cell for each of the page's columns. */
  readonly cells: readonly string[];
}

/** One text, and the frames it is about. */
export interface Said {
  readonly text: string;
  /** `all 60 frames`, `frames 3,7-9`, or files. */
  readonly where: string;
}

/** Remarks about frames under one name: a rule, or the code of a notice or an error. */
export interface Remark {
  readonly level: Level;
  /** `CM-C11`, `NO_SUCH_LAYER`. */
  readonly code: string;
  /** Programs that are affected, for people; empty where that is no question. */
  readonly affects: string;
  /** What to do about it, where there is no command. */
  readonly remedy: string | undefined;
  /** What fixes it, as it is typed. */
  readonly command: string | undefined;
  readonly said: readonly Said[];
}

/** One Cryptomatte as a program finds it. */
export interface SeenCryptomatte {
  readonly name: string;
  /** Why it does not work; undefined where it does. */
  readonly problem: string | undefined;
}

/** What a program makes of a file. */
export interface ProgramView {
  readonly program: string;
  readonly reader: string;
  /** Why it does not open the file at all. */
  readonly refused: string | undefined;
  readonly layers: readonly string[];
  /** Channels that it does not show. */
  readonly hidden: number;
  readonly cryptomattes: readonly SeenCryptomatte[];
  /** In how many frames something is wrong for it: `errors in 2 of 60 frames`; empty where that is not known. */
  readonly frames: string;
}

/** What programs see of one file. */
export interface SeenFile {
  readonly file: string;
  readonly programs: readonly ProgramView[];
}

/** A small image of a frame. */
export interface Thumbnail {
  readonly name: string;
  readonly file: string;
  readonly layer: string;
  readonly state: State;
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export interface ReportPage {
  readonly title: string;
  /** Names and values at the top. */
  readonly facts: readonly (readonly [string, string])[];
  /** How it stands, a sentence each. */
  readonly summary: readonly string[];
  readonly counts: readonly { readonly label: string; readonly count: number; readonly state: State }[];
  /** The worst first. */
  readonly remarks: readonly Remark[];
  readonly seen: readonly SeenFile[];
  readonly thumbnails: readonly Thumbnail[];
  /** Headings of the cells that frames have. */
  readonly columns: readonly string[];
  readonly frames: readonly FrameRow[];
}
