/**
 * A job of a render farm, before any engine has its say: the same chain as on one machine, in tasks of some frames each, then a
 * check of all outputs and a report. Emitters (engines.ts) turn it into the files of one engine. What they write holds words of
 * command lines, dependencies and chunks of frames, and no logic: that stays in the program.
 */

/** A file or folder that tasks name: engines move them and map their paths, so they are not hidden in texts. */
export interface JobFile {
  /** Its name among an engine's parameters: `Donor`, `Input2`. Letters and digits. */
  readonly key: string;
  /** For people: `Donor`, `Frames`. */
  readonly label: string;
  /** Absolute. */
  readonly path: string;
  readonly type: 'file' | 'folder';
  readonly flow: 'in' | 'out' | 'inout';
  /**
   * What follows the path and a slash where it is a folder: the name or pattern of files in it, such as `shot.####.exr`; empty for
   * the folder itself. Undefined for a file.
   */
  readonly pattern?: string;
}

/** The frames of a task, in the spelling of the engine. */
export const framesPiece: unique symbol = Symbol('frames');

/** A word of a command line: as it is, or as a file (with its pattern), or the frames of the task. */
export type JobWord = string | JobFile | typeof framesPiece;

/** What every machine must have to run a task. */
export interface JobResources {
  readonly threads: number;
  /** Bytes, at most, of a task: see {@link memoryOfTask}. */
  readonly memory: number;
  /** Seconds after which a task counts as hung. */
  readonly timeout: number;
}

export interface FarmJob {
  /** One line, without control characters. */
  readonly name: string;
  /** The same work on one machine, as one line for a shell. */
  readonly command: string;
  /** exrpipe as the machines of the farm know it: a name on their PATH, or a full path. */
  readonly program: string;
  /** Every file of the words below, once. */
  readonly files: readonly JobFile[];
  /** Folder of the job's own files on the machine that submits, absolute. */
  readonly folder: string;
  /** Where each attempt at a task leaves its report. */
  readonly reports: JobFile;
  /** The chain with its options, apart from inputs, frames and what tasks alone have. */
  readonly chain: readonly JobWord[];
  /** The words that name the inputs, behind all options: with two dashes before them where they need them. */
  readonly inputs: readonly JobWord[];
  /** Ascending, none twice, at least one. */
  readonly frames: readonly number[];
  readonly framesPerTask: number;
  /** Seconds that a task should take, where the engine adapts the size of chunks by itself. */
  readonly secondsPerTask: number;
  /** Arguments of `validate` for all outputs, apart from the frames; undefined where the outputs are no EXR files. */
  readonly outputs: readonly JobWord[] | undefined;
  readonly resources: JobResources;
}

/** A file of an engine's job, its name relative to the job's folder. */
export interface JobText {
  readonly name: string;
  readonly text: string;
  /** A script that is run by its name. */
  readonly executable?: boolean;
}

/** What an emitter makes: files, and what to do with them, a line each. */
export interface EmittedJob {
  readonly files: readonly JobText[];
  /** Folders that must be there, relative to the job's. */
  readonly folders?: readonly string[];
  /** How the job is submitted, as lines for people. */
  readonly next: readonly string[];
}

/** A farm engine. Its module and its line in the table of engines.ts are all there is to it. */
export interface FarmEngine {
  readonly name: string;
  readonly summary: string;
  /** @throws ExrError `usage` for a job that the engine cannot take, with what to do about it */
  readonly emit: (job: FarmJob, settings: EngineSettings) => EmittedJob;
}

/** What a user chooses about the emitted files. */
export interface EngineSettings {
  /** Without extensions of the engine's format, for farms that know none. */
  readonly plain: boolean;
}
