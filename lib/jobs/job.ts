/**
 * A job is the unit of work on pixels: some packed chunks in, some packed chunks out, nothing shared, nothing kept.
 * It is plain data, so it can run on any thread, and results do not depend on where or in which order jobs run.
 */

import type { CodecSettings, CodedChannel } from '../codecs/codec.js';
import type { Region } from '../format/geometry.js';
import type { Compression } from '../model/compression.js';
import type { ErrorPlace } from '../model/error.js';
import type { DerivedPlane, Plane } from '../model/header.js';
import type { ChunkLosses } from './losses.js';

/** The size of a whole tile, in pixels. */
export interface TileSize {
  readonly width: number;
  readonly height: number;
}

/** Data common to all chunks of an arrived part. */
export interface SourcePart {
  /** Number of the arrived part, to which planes refer. */
  readonly part: number;
  readonly compression: Compression;
  /** In file order. */
  readonly planes: readonly CodedChannel[];
  /** For tiled parts. */
  readonly tile?: TileSize | undefined;
}

/** Data common to all chunks of a wanted part. */
export interface TargetPart {
  /** `planar` leaves the samples unpacked, for callers that read them. */
  readonly compression: Compression | 'planar';
  /** In file order, each with the arrived plane that it is made from. */
  readonly planes: readonly (CodedChannel & { readonly plane: Plane | DerivedPlane })[];
  readonly tile?: TileSize | undefined;
  /** Settings of the encoder. */
  readonly settings: CodecSettings;
}

/** A source chunk of the job. */
export interface JobSource {
  readonly part: SourcePart;
  readonly region: Region;
}

/** A chunk to make. */
export interface JobTarget {
  readonly part: TargetPart;
  readonly region: Region;
}

/** Flat chunks decoded, re-ordered, joined, converted and encoded. */
export interface TranscodeJob {
  readonly kind: 'transcode';
  readonly sources: readonly JobSource[];
  readonly targets: readonly JobTarget[];
}

/** Flat chunks of one region and compression whose channels are moved between them without being decoded to samples. */
export interface SpliceJob extends Pick<TranscodeJob, 'sources' | 'targets'> {
  readonly kind: 'splice';
  /** Chunks that turn out not to allow it may be decoded and re-encoded: nothing is lost, or the loss is accepted. */
  readonly mayTranscode: boolean;
}

/** Deep chunks with channels chosen, re-ordered or converted, or another compression: one chunk in, one or more out. */
export interface DeepJob extends Pick<TranscodeJob, 'sources' | 'targets'> {
  readonly kind: 'deep';
}

/** A job on chunks of its own. */
export type ChunkJob = TranscodeJob | SpliceJob | DeepJob;

/** Several jobs in one, for chunks that are small: their sources one after the other, and so their targets. */
export interface BatchJob {
  readonly kind: 'batch';
  readonly jobs: readonly BatchedJob[];
}

/** One of several jobs, with the position of the first chunk that it reads, for errors. */
export interface BatchedJob {
  readonly job: ChunkJob;
  readonly place: ErrorPlace;
}

export type Job = ChunkJob | BatchJob;

/** A chunk's payload, alone in its buffer or with others of the same batch, so that it can be transferred to another thread. */
export type Payload = Uint8Array;

/** The results of a job, each list in the order of its targets. */
export interface JobResult {
  readonly payloads: readonly Payload[];
  readonly losses: readonly ChunkLosses[];
}
