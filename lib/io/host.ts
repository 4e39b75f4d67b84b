import type { InputInfo, OpenDocument } from '../engine/document.js';
import type { Notice, OpenFile } from '../engine/filter.js';
import type { Limits } from '../format/limits.js';
import type { JobRunner } from '../jobs/runner.js';
import type { Header } from '../model/header.js';
import type { OpenScratch } from './scratch.js';
import type { ByteSink } from './sink.js';

/**
 * What reading, filtering and writing need from the machine they run on. lib/node implements it; a browser could too. The
 * rest of this folder is independent of the machine.
 */
export interface Host {
  /** Safety limits for the files that are opened and written. */
  readonly limits: Limits;
  /** Opens an EXR file, or anything else at that path that can be read as a stream. */
  openExr(path: string): Promise<OpenDocument>;
  readHeader(path: string): Promise<Header>;
  exists(path: string): Promise<boolean>;
  /** Names of the files and folders in a folder, in any order; none where there is no such folder. */
  listFolder(path: string): Promise<readonly string[]>;
  /** The content of a small file, or of a pipe, that the user names. */
  readFile(path: string): Promise<Uint8Array>;
  /** The content of a regular file that an image names, in the image's folder. */
  readSidecar(image: string, name: string): Promise<Uint8Array>;
  openFile(path: string): Promise<OpenFile>;
  /** A file that appears whole or not at all. */
  createFile(path: string, options?: CreateFileOptions): Promise<ByteSink>;
  readonly openScratch: OpenScratch;
  readonly runners: Runners;
}

export interface CreateFileOptions {
  /** Called instead of preparing its folder. */
  readonly prepareFolder?: ((folder: string) => Promise<void>) | undefined;
  /** The files it is made from. If it replaces one of these, that file must not have changed since it was opened. */
  readonly inputs?: readonly InputInfo[] | undefined;
  /** Ends a pipe's wait for its reader. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what becomes of a file that it replaces. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
}

/** Where jobs run; each is created on first use. */
export interface Runners {
  /** For jobs that are plain data. */
  pool(): JobRunner;
  /** The calling thread, for jobs that carry functions. */
  inline(): JobRunner;
}
