import type { InputInfo, OpenDocument } from '../engine/document.js';
import type { Notice, OpenFile } from '../engine/filter.js';
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
  openExr(path: string): Promise<OpenDocument>;
  readHeader(path: string): Promise<Header>;
  exists(path: string): Promise<boolean>;
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
  /** Replaces what would be done for its folder. */
  readonly prepareFolder?: ((folder: string) => Promise<void>) | undefined;
  /** What it is made from. Where it takes the place of one of these, that must still be what it was when it was opened. */
  readonly inputs?: readonly InputInfo[] | undefined;
  /** With it a pipe waits no longer for its reader. */
  readonly signal?: AbortSignal | undefined;
  /** Told what becomes of a file that it replaces. */
  readonly onNotice?: ((notice: Notice) => void) | undefined;
}

/** Where jobs run; each is made when it is first asked for. */
export interface Runners {
  /** For jobs that are plain data. */
  pool(): JobRunner;
  /** The calling thread, for jobs that carry functions. */
  inline(): JobRunner;
}
