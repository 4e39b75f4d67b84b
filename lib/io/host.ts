import type { ExrDocument } from '../engine/document.js';
import type { OpenFile } from '../engine/filter.js';
import type { Limits } from '../format/limits.js';
import type { JobRunner } from '../jobs/runner.js';
import type { Header } from '../model/header.js';
import type { OpenScratch } from './scratch.js';
import type { ByteSink } from './sink.js';

/**
 * What reading, filtering and writing need of the machine they run on. lib/node has one; a browser would be another. The
 * rest of this folder knows no machine.
 */
export interface Host {
  /** What files may claim, those that it opens and those that it is asked to write. */
  readonly limits: Limits;
  /** Opens an EXR file, or whatever else can be read there as a stream. */
  openExr(path: string): Promise<ExrDocument>;
  readHeader(path: string): Promise<Header>;
  exists(path: string): Promise<boolean>;
  /** The content of a small file, or of a pipe, that the user names. */
  readFile(path: string): Promise<Uint8Array>;
  /** The content of a regular file that a picture names, in the picture's folder. */
  readSidecar(picture: string, name: string): Promise<Uint8Array>;
  openFile(path: string): Promise<OpenFile>;
  /**
   * A file that appears whole or not at all. `prepareFolder` replaces what would be done for its folder; with the signal a pipe
   * waits no longer for its reader.
   */
  createFile(
    path: string,
    prepareFolder: ((folder: string) => Promise<void>) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<ByteSink>;
  readonly openScratch: OpenScratch;
  readonly runners: Runners;
}

/** Where jobs run; each is made when it is first asked for. */
export interface Runners {
  /** For jobs that are plain data. */
  pool(): JobRunner;
  /** The calling thread, for jobs that carry functions. */
  inline(): JobRunner;
}
