import type { Region } from '../format/geometry.js';
import type { Limits } from '../format/limits.js';
import type { Program } from '../layers/seen-by/program.js';
import { type Advice, adviceText } from '../model/advice.js';
import { closeQuietly } from '../model/close.js';
import { isExrError } from '../model/error.js';
import type { Box, Channel, Header, Part, Samples } from '../model/header.js';
import { type ExrDocument, type InputInfo, inputPlace } from './document.js';
import { attachDocuments } from './join.js';
import {
  checkOptions,
  describeFiles,
  fileOptions,
  type OptionInput,
  type OptionSpecs,
  type OptionValues,
} from './options.js';
import { dropStalePreviews } from './stale-preview.js';

/** Something a user should know that did not stop the work. */
export interface Notice {
  readonly level: 'warning' | 'note';
  /** Stable, for programs. */
  readonly code: string;
  readonly message: string;
  /** The message with the options that it names as data, where it names any: for programs that have other names for them. */
  readonly wording?: Advice | undefined;
}

/** A notice in the words of the library. */
export function makeNotice(level: Notice['level'], code: string, message: string | Advice): Notice {
  const notice = { level, code, message: adviceText(message) };
  return typeof message === 'string' ? notice : { ...notice, wording: message };
}

/** Notices as functions call for them. */
export function reporter(onNotice: ((notice: Notice) => void) | undefined): {
  warn(code: string, message: string | Advice): void;
  note(code: string, message: string | Advice): void;
} {
  const report = (level: Notice['level']) => (code: string, message: string | Advice) =>
    onNotice?.(makeNotice(level, code, message));
  return { warn: report('warning'), note: report('note') };
}

/**
 * Samples of a few channels over one region, as the filter context's `samples` delivers them.
 * They are valid until the next block is requested; copy them to keep them.
 */
export interface SampleBlock {
  readonly region: Region;
  /** One array per requested channel, line after line: Float32Array for half and float, Uint32Array for uint. */
  readonly samples: readonly Samples[];
}

/** Which of a part's samples are wanted, where not all are. Both together narrow each other down. */
export interface SampleOptions {
  /**
   * Numbers of the chunks, as the part's own compression cuts it into chunks; or `spread`, a few from all over the part. Of a
   * pipe, `spread` takes chunks near its beginning where those are in reach, so that it need not be copied to a file.
   */
  readonly chunks?: 'spread' | readonly number[] | undefined;
  /** Chunks that share no pixel with it are left out. Others come whole. */
  readonly window?: Box | undefined;
}

/** A file that can be read at any position. Throws when the end comes before `length` bytes. */
export interface OpenFile {
  readonly size: number;
  /**
   * Exactly `length` bytes from `position`, in a buffer of their own.
   *
   * @throws ExrError `FILE_TRUNCATED`, where the file ends before.
   */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** An image other than the frame, PNG or EXR with one flat part, of which lines of the display window can be read from the top. */
export interface ImageLines {
  /** Where it is, after following the frame. */
  readonly path: string;
  /** Pixels of its display window. */
  readonly width: number;
  readonly height: number;
  /**
   * Its channels, those of a PNG with the names that an EXR has for them, and how far two values that follow each other are apart:
   * 1/255 for 8 bits, 0 for floats and whole numbers of 32 bits, `half` for half.
   */
  readonly channels: readonly { readonly name: string; readonly step: number | 'half' }[];
  /**
   * The lines of a channel; samples of a PNG are numbers from 0 to 1. A line is valid until the next is requested. The file is open
   * only while it is read.
   *
   * @throws ExrError `invalid` for a damaged file.
   */
  lines(channel: string): AsyncIterable<Float32Array>;
}

/** An image that a filter makes itself. */
export interface MadeImage {
  readonly dataWindow: Box;
  /** Names of its channels, sorted; all of them are float. */
  readonly channels: readonly string[];
  /**
   * All lines of the data window from the top, each with an array for each channel, which are valid until the next line is asked for.
   * Is called again where the pixels are read again, and has the same to give.
   */
  lines(): AsyncIterable<readonly Float32Array[]>;
}

/** What a filter may use apart from the header. The driver of the pipeline provides it, so a filter needs no I/O of its own. */
export interface FilterContext {
  /** Where the document's parts came from. */
  readonly inputs: readonly InputInfo[];
  /** The programs that the result is made for; none where nobody has named any. */
  readonly programs: readonly Program[];
  /** Reports trouble that does not stop the work, unless warnings are to be errors. */
  warn(code: string, message: string | Advice): void;
  /** Reports what was done. */
  note(code: string, message: string | Advice): void;
  /** The header of another EXR file. A `####` pattern in the path follows the frame. */
  readHeader(path: string): Promise<Header>;
  /** A small file's content (up to 256 MiB), by a path from the user, never from an image; `-` is not allowed. */
  readFile(path: string): Promise<Uint8Array>;
  /**
   * The same of a sidecar, by the path of the image that names it.
   *
   * @throws ExrError of kind `invalid` for one that is not a regular file in the folder of the image.
   */
  readSidecar(image: string, name: string): Promise<Uint8Array>;
  /** A file of any size, to be read here and there. The caller closes it. */
  openFile(path: string): Promise<OpenFile>;
  /**
   * Streams the samples of channels of one wanted part, at full resolution, chunk by chunk in bounded memory. On a pipe this
   * makes the input be copied to a temporary file first, unless a few chunks near its beginning are all that is wanted.
   */
  samples(part: Part, channels: readonly string[], options?: SampleOptions): AsyncIterable<SampleBlock>;
  /** The same for another EXR file, its parts numbered as in the file. */
  samplesOf(
    path: string,
    part: number,
    channels: readonly string[],
    options?: SampleOptions,
  ): AsyncIterable<SampleBlock>;
  /** Another image, PNG or EXR. A `####` pattern in the path follows the frame. */
  openImage(path: string): Promise<ImageLines>;
  /**
   * The files of a pattern with `{name}` (`masks/{name}.####.png`) by the names that they have there, sorted by name.
   *
   * @throws ExrError `io` where there is none.
   */
  findNamed(pattern: string): Promise<ReadonlyMap<string, string>>;
  /** Channels of an image that the filter makes: they can be put into any part, like those that arrived. */
  makeChannels(image: MadeImage): readonly Channel[];
  readonly signal: AbortSignal | undefined;
  /** What files may claim; the usual limits where it is not there. */
  readonly limits?: Limits | undefined;
}

/** The context of one step, and what the step adds to the document apart from its header. */
export interface StepContext extends FilterContext {
  /** Documents to be joined to the one the context is for, their parts behind its own. */
  readonly made?: readonly ExrDocument[];
}

/** A command as help and reference show it. */
export interface FilterExample {
  /** Arguments after `exrpipe`. */
  readonly command: string;
  readonly what: string;
}

/** One pass over the frames of a shot. Nothing is written before it is over. */
export interface SurveyPass<Found> {
  /** Takes in a frame, as the steps before have made it. Several may be looked at at once, in any order. */
  look(header: Header, context: FilterContext): Promise<void>;
  /** The result of all frames together, once every one has been looked at. Plain data, which may go to other threads. */
  found(report: Pick<FilterContext, 'warn' | 'note'>): Found;
}

/** What a filter whose options ask for a first pass is defined with. */
export interface SurveyDefinition<Options, Found> {
  /** Whether the options ask for a first pass. */
  readonly wanted: (options: Options) => boolean;
  /** Begins one. */
  readonly begin: (options: Options) => SurveyPass<Found>;
  /** Whether data that comes from another thread is what such a pass finds. */
  readonly isFound: (value: unknown) => value is Found;
}

/** The same of a step, whatever it finds. */
export interface StepSurvey {
  /** Takes in a frame, as the steps before have made it. Several may be looked at at once, in any order. */
  look(header: Header, context: FilterContext): Promise<void>;
  /** The step that does the second pass. */
  step(report: Pick<FilterContext, 'warn' | 'note'>): FilterStep;
}

/** What a filter's author writes. */
export interface FilterDefinition<Specs extends OptionSpecs, Found = never> {
  readonly name: string;
  /** One line: what it does. */
  readonly summary: string;
  /** A paragraph or more for the help and the reference. */
  readonly description: string;
  readonly examples: readonly FilterExample[];
  readonly options: Specs;
  /** True when the filter wants all inputs in one document (merge). Others see one input at a time. */
  readonly joins?: boolean;
  /**
   * Whether chunks are usually rewritten with these options, not just forwarded. A codec thread then starts while the header is read.
   * This affects speed only.
   */
  readonly rewritesChunks?: (options: OptionValues<Specs>) => boolean;
  /** Rules between options that a single option's definition cannot express; throws `usage` errors. */
  readonly check?: (options: OptionValues<Specs>) => void;
  /** A first pass over all frames of a shot, where the options ask for one. */
  readonly survey?: SurveyDefinition<OptionValues<Specs>, Found>;
  /**
   * The wanted header. Pure: what arrived is given by the channels' planes, which it keeps, drops, joins or derives from. `found` is
   * what the first pass has found; undefined where none was requested, or there is only this one frame.
   */
  readonly header: (
    header: Header,
    options: OptionValues<Specs>,
    context: FilterContext,
    found: Found | undefined,
  ) => Header | Promise<Header>;
}

/** A filter with its options chosen: what pipelines are made of. */
export interface FilterStep {
  readonly filter: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly joins: boolean;
  /** Whether chunks are usually rewritten; false by default. */
  readonly rewritesChunks?: boolean;
  /**
   * The options with something else in place of the path of each file that they have read, so that a step can be known again
   * wherever the files lie. Undefined for a step that names none.
   */
  readonly describeFiles?: ((describe: (path: string) => unknown) => Readonly<Record<string, unknown>>) | undefined;
  /** What a first pass over the shot has found: plain data. */
  readonly found?: unknown;
  /** Begins the first pass that the options ask for; undefined where they ask for none, or it is over. */
  readonly beginSurvey?: (() => StepSurvey) | undefined;
  /**
   * The header as this step wants it.
   *
   * @throws ExrError, mostly of kind `usage`: what the options ask for is not in this header.
   */
  header(header: Header, context: FilterContext): Promise<Header>;
}

/** What drivers (command line, pipeline files, reference pages) know of a filter, whatever its options' types. */
export interface AnyFilter {
  readonly definition: Omit<FilterDefinition<OptionSpecs>, 'header' | 'check' | 'survey' | 'rewritesChunks'>;
  /**
   * A step from option values of unknown origin, and for the second pass over a shot from what the first has found.
   *
   * @throws ExrError of kind `usage` for values that the filter refuses.
   */
  create(options: Readonly<Record<string, unknown>>, found?: unknown): FilterStep;
}

/** A filter as programs use it: calling it with options gives a step of a pipeline. */
export interface Filter<Specs extends OptionSpecs> extends AnyFilter {
  (options: OptionInput<Specs>): FilterStep;
}

/** Makes a filter from its definition. The definition is all there is: command line, help, pipeline files and reference follow from it. */
export function defineFilter<const Specs extends OptionSpecs, Found = never>(
  definition: FilterDefinition<Specs, Found>,
): Filter<Specs> {
  const { survey } = definition;
  const create = (input: Readonly<Record<string, unknown>>, known?: unknown): FilterStep => {
    const options = checkOptions(definition.name, definition.options, input);
    definition.check?.(options);
    return make(options, survey?.isFound(known) ? known : undefined);
  };
  const make = (options: OptionValues<Specs>, found: Found | undefined): FilterStep => ({
    filter: definition.name,
    options,
    joins: definition.joins ?? false,
    rewritesChunks: definition.rewritesChunks?.(options) ?? false,
    ...(fileOptions(definition.options, options).length > 0 && {
      describeFiles: (describe) => describeFiles(definition.options, options, describe),
    }),
    ...(found !== undefined && { found }),
    ...(found === undefined && survey?.wanted(options) && { beginSurvey: () => begin(survey, options) }),
    header: async (header, context) => definition.header(header, options, context, found),
  });
  const begin = (own: SurveyDefinition<OptionValues<Specs>, Found>, options: OptionValues<Specs>): StepSurvey => {
    const pass = own.begin(options);
    return {
      look: (header, context) => pass.look(header, context),
      step: (report) => make(options, pass.found(report)),
    };
  };
  return Object.assign((input: OptionInput<Specs>) => create(input), { definition, create });
}

/** Runs steps over a document's header. The pixels stay where they are. Their errors name the file they are about. */
export async function applySteps<Document extends ExrDocument>(
  document: Document,
  steps: readonly FilterStep[],
  contextFor: (document: ExrDocument) => StepContext,
): Promise<Document> {
  let current = document;
  const all: ExrDocument[] = [];
  try {
    for (const step of steps) {
      const context = contextFor(current);
      const made = await step.header(current.header, context);
      const header = dropStalePreviews(current.header, made, (message) => context.note('STALE_PREVIEW', message));
      all.push(...(context.made ?? []));
      current = { ...attachDocuments(current, context.made ?? []), header };
    }
    return current;
  } catch (error) {
    await Promise.all(all.map(({ source }) => closeQuietly(source)));
    throw isExrError(error) ? error.at(inputPlace(document)) : error;
  }
}
