import type { FilterStep } from '../engine/filter.js';
import type { QualityOptions } from '../engine/quality.js';
import type { Limits } from '../format/limits.js';
import type { Program } from '../layers/seen-by/program.js';
import type { SequenceEvent } from './events.js';

/** What becomes of frames that an input lacks. They are listed before work starts, whatever is chosen. */
export type MissingPolicy =
  /** The run does not start. */
  | 'fail'
  /** They are left out. */
  | 'skip'
  /** The nearest earlier frame takes their place (before the first frame: the first). */
  | 'hold';

/** What a failing frame does to the others. */
export type ErrorPolicy =
  /** No further frame starts; those in progress are finished. */
  | 'stop'
  /** The others go on; the frame counts as failed. */
  | 'continue'
  /** The others go on; the frame counts as skipped, and the run as a success. */
  | 'skip';

/** When a run that waits for frames is over. */
export interface WatchOptions {
  /** Frame number that ends the run, once it and all existing frames before it are done. */
  readonly until?: number | undefined;
  /** Seconds without a new frame after which the run is over. Without it only `until` or the signal end it. */
  readonly idle?: number | undefined;
  /** Seconds between two looks at the folders; 1 by default. A file must be the same in two looks. */
  readonly interval?: number | undefined;
}

/** What `runSequence` is to do. */
export interface SequenceOptions extends QualityOptions {
  /**
   * Files, patterns (`shot.####.exr`, `shot.%04d.exr`, `shot.@@@@.exr`, `shot.{frame}.exr`, with `%V` or `{view}` for the view),
   * folders, and globs. Where a step joins (merge), they are matched frame by frame, and a single file serves all frames;
   * otherwise every file is a frame of its own.
   */
  readonly inputs: readonly string[];
  readonly steps: readonly FilterStep[];
  /**
   * A pattern with `{stem}`, `{frame}` (or `####`, `%04d`), `{view}` (or `%V`), `{layer}`, `{part}`, or a folder (an existing
   * one, or a path that ends in `/`): files then keep their names. Left out when `inPlace`.
   */
  readonly output?: string | undefined;
  /** Every input is replaced by its result, whole or not at all. */
  readonly inPlace?: boolean | undefined;
  /** Frame numbers, as `1-100,120-200x2` or `1-100:2`. Without it, from the first existing frame to the last. */
  readonly frames?: string | undefined;
  /** `fail` by default. */
  readonly missing?: MissingPolicy | undefined;
  /** Most frames in progress at once; three for every two cores by default. The results do not depend on it. */
  readonly jobs?: number | undefined;
  /** Bytes of chunks that may be in progress at once in all frames together; 64 MiB for each core by default. */
  readonly memory?: number | undefined;
  /** `continue` by default. */
  readonly onError?: ErrorPolicy | undefined;
  /**
   * Leaves out frames whose outputs are all there, whole, newer than what they are made from (donors included) and made by
   * the same pipeline from files of the same names.
   */
  readonly skipExisting?: boolean | undefined;
  /**
   * Records in every output, as the string attribute `exrpipe/pipeline`, a digest of the pipeline that made it, by which
   * `skipExisting` knows it again. True by default; without it `skipExisting` cannot distinguish the outputs of different pipelines.
   */
  readonly mark?: boolean | undefined;
  /** Waits for frames that are still to be rendered. */
  readonly watch?: WatchOptions | undefined;
  /** A filter's warning makes its frame fail. */
  readonly strict?: boolean | undefined;
  /** Only plans: reads the headers, runs the filters, checks everything, writes nothing. */
  readonly dryRun?: boolean | undefined;
  /** As in WriteOptions: the programs that the results must work in as the inputs did. */
  readonly for?: readonly Program[] | undefined;
  /** Safety limits that are not the usual ones. */
  readonly limits?: Partial<Limits> | undefined;
  /** See WriteOptions. */
  readonly level?: number | undefined;
  /**
   * A module that exports the filters of the chain: either an array `filters`, or each by itself. With it, whole frames run
   * on threads of their own, which is what fills the cores when frames are small. Without it, or when a step is of no filter
   * in there, frames run on the calling thread and only codecs have threads.
   */
  readonly filters?: string | URL | undefined;
  /**
   * Plug-ins whose filters are among the steps, so that frame threads find them: paths (`./my-filter.js`), `file:` URLs or
   * packages, seen from the working folder. Frames older than the file of a plug-in are made again in spite of `skipExisting`.
   */
  readonly plugins?: readonly string[] | undefined;
  /** Ends the run early: what is open is removed, and the summary lists what is left. */
  readonly signal?: AbortSignal | undefined;
  /** Told what happens, as it happens. What it throws ends the run. */
  readonly onEvent?: ((event: SequenceEvent) => void) | undefined;
}
