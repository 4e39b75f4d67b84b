/** Images for looking at: a layer of a frame as rows of bytes, in bounded memory. */
import type { ExrDocument } from '../engine/document.js';
import type { Notice } from '../engine/filter.js';
import type { Frame } from '../look/band.js';
import { frameOf, type Size } from '../look/fit.js';
import type { LookKind } from '../look/kinds.js';
import type { Look, ViewLook } from '../look/looks.js';
import { needsRange, type PaintSettings } from '../look/painters.js';
import { type Range, RangeFinder } from '../look/range.js';
import { ExrError } from '../model/error.js';
import type { Part } from '../model/header.js';
import { type BandOptions, fullResolution, readBands } from './bands.js';
import { resolutionFor } from './resolution.js';
import { isAveraged, ViewPainter, type ViewSettings } from './view-painter.js';

export interface PreviewOptions extends PaintSettings, BandOptions {
  /** Most pixels of each view; its own size without it. */
  readonly size?: Size | undefined;
  readonly window: 'display' | 'data';
  /** What depth, positions and motion are normalised by; what the image has without it. */
  readonly range?: Range | undefined;
}

/** An image of one look, ready to be read. */
export interface Preview {
  readonly look: Look;
  readonly columns: number;
  readonly rows: number;
  /** Bytes of a pixel: RGB, or RGBA where the background is none. */
  readonly channels: 3 | 4;
  /** What was normalised by which range, a range a channel; empty for other looks. */
  readonly ranges: readonly Range[];
  readonly notices: readonly Notice[];
  /** The rows from the top, each valid until the next is requested. May be read more than once. */
  lines(onIds?: (ids: Uint32Array) => void): AsyncGenerator<Uint8Array>;
}

type Read = Pick<ExrDocument, 'header' | 'arrived' | 'source'>;

/**
 * Prepares the preview of one look of a document's header: views side by side. A source that cannot seek is copied to a temporary
 * file where it must be read twice (views, looks that are normalised).
 */
export async function makePreview(document: Read, look: Look, options: PreviewOptions): Promise<Preview> {
  const views = look.views.map((view) => ({ view, part: partOf(document.header, view) }));
  const frames = views.map(({ part }) => frameOf(part, options.window, options.size));
  if (views.length > 1) await document.source.makeRandom();
  const ranges = needsRange(look.kind) ? await rangesOf(document, look, options) : [];
  const channels = options.background === 'none' ? 4 : 3;
  const { columns, rows } = sideBySide(frames);
  return {
    look,
    columns,
    rows,
    channels,
    ranges,
    notices: noticesOf(document, look, ranges, options),
    async *lines(onIds) {
      const line = new Uint8Array(columns * channels);
      const readers = views.map(({ view, part }, at) =>
        viewLines(document, look.kind, view, part, frames[at] as Frame, { ...options, ranges, onIds }),
      );
      try {
        for (let row = 0; row < rows; row++) {
          let from = 0;
          for (const [at, reader] of readers.entries()) {
            const length = (frames[at] as Frame).columns * channels;
            const { done, value } = await reader.next();
            if (done) line.fill(0, from, from + length);
            else line.set(value, from);
            from += length;
          }
          yield line;
        }
      } finally {
        for (const reader of readers) await reader.return(undefined);
      }
    },
  };
}

/** Pixels of the preview of a look, whose pixels are not read. */
export function previewSize(
  header: Read['header'],
  { views }: Look,
  { window, size }: Pick<PreviewOptions, 'window' | 'size'>,
): { readonly columns: number; readonly rows: number } {
  return sideBySide(views.map((view) => frameOf(partOf(header, view), window, size)));
}

function sideBySide(frames: readonly Frame[]): { readonly columns: number; readonly rows: number } {
  const columns = frames.reduce((sum, frame) => sum + frame.columns, 0);
  return { columns, rows: Math.max(...frames.map(({ rows }) => rows)) };
}

export function partOf({ parts }: Read['header'], { part }: ViewLook): Part {
  const found = parts[part];
  if (!found) throw new ExrError('usage', 'NO_SUCH_PART', `there is no part ${part}`);
  return found;
}

/** The rows of one view. */
async function* viewLines(
  document: Read,
  kind: LookKind,
  view: ViewLook,
  part: Part,
  frame: Frame,
  options: PreviewOptions & ViewSettings,
): AsyncGenerator<Uint8Array> {
  const { channels } = view;
  const painter = new ViewPainter(kind, view, part, frame, options);
  const resolution = isAveraged(kind)
    ? resolutionFor(document.arrived, part, channels, frame, document.source)
    : fullResolution;
  for await (const band of readBands(document, part, channels, resolution, options)) yield* painter.add(band);
  yield* painter.end();
}

/** The range of each channel over all views, as the user gives it or as the image has it. */
async function rangesOf(document: Read, { views }: Look, options: PreviewOptions): Promise<Range[]> {
  const { range } = options;
  if (range) return (views[0]?.channels ?? []).map(() => range);
  await document.source.makeRandom();
  const finders = (views[0]?.channels ?? []).map(() => new RangeFinder());
  for (const view of views)
    for await (const { planes } of readBands(
      document,
      partOf(document.header, view),
      view.channels,
      fullResolution,
      options,
    ))
      for (const [at, plane] of planes.entries()) finders[at]?.add(plane, view.channels[at]?.type ?? 'float');
  return finders.map((finder) => finder.range);
}

function noticesOf(
  { source }: Read,
  { kind, layer }: Look,
  ranges: readonly Range[],
  { ramp, log, range }: PreviewOptions,
): Notice[] {
  const notices: Notice[] = [];
  const [first] = ranges;
  const name = layer === '' ? kind : `${kind} "${layer}"`;
  if (kind === 'depth' && first && !range)
    notices.push({
      level: 'note',
      code: 'RANGE',
      message: `${name} is from ${short(first.min)} (${ramp === 'grey' ? 'white' : 'yellow'}) to ${short(first.max)} (${ramp === 'grey' ? 'black' : 'violet'})${log ? ', by its logarithm' : ''}`,
    });
  if (kind === 'position' || kind === 'motion') {
    const text = ranges.map(({ min, max }) => `${short(min)} to ${short(max)}`).join(', ');
    notices.push({ level: 'note', code: 'RANGE', message: `${name} has values from ${text}` });
  }
  if (source.missing.length > 0)
    notices.push({
      level: 'warning',
      code: 'CHUNKS_MISSING',
      message: `${source.missing.length} chunks are missing: the file is unfinished, and empty where they were`,
    });
  return notices;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
