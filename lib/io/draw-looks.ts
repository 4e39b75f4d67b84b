/** Many looks of one document, in as few passes over its pixels as it takes: to unpack a chunk costs more than all that is drawn of it. */
import type { ExrDocument } from '../engine/document.js';
import { boxWidth } from '../format/geometry.js';
import type { Band } from '../look/band.js';
import { frameOf, sizePerView } from '../look/fit.js';
import type { Look, ViewLook } from '../look/looks.js';
import { needsRange } from '../look/painters.js';
import { type Range, RangeFinder } from '../look/range.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, isArrived, type Part } from '../model/header.js';
import { type BandOptions, fullResolution, type Resolution, readBands } from './bands.js';
import { type PreviewOptions, partOf } from './preview.js';
import { resolutionFor } from './resolution.js';
import { isAveraged, ViewPainter } from './view-painter.js';

/** A row of one view of a look, which begins at this column of the look's image. Valid only until the next. */
export interface DrawnRow {
  /** Number of the look. */
  readonly look: number;
  readonly x: number;
  readonly row: number;
  readonly line: Uint8Array;
}

type Read = Pick<ExrDocument, 'header' | 'arrived' | 'source'>;

/** What went wrong, by the number of the look. */
type Failures = Map<number, unknown>;

/** A view of a look, and at which resolution it is read. */
interface Wish {
  readonly look: number;
  readonly view: ViewLook;
  readonly part: Part;
  readonly resolution: Resolution;
}

/** A view that is drawn. */
interface Drawing extends Wish {
  readonly x: number;
  readonly painter: ViewPainter;
  row: number;
}

/** Bytes of samples, as floats, of the lines of a band: channels beyond these are read in a pass of their own. */
const mostBytes = 64 << 20;

/**
 * Draws looks row by row, in any order; `size` is the most that all views of a look may have side by side. A look that cannot be drawn
 * leaves the others alone: gives what went wrong, by the numbers of the looks. Rejects only with the signal's reason.
 */
export async function drawLooks(
  document: Read,
  looks: readonly Look[],
  options: PreviewOptions,
  draw: (row: DrawnRow) => void,
): Promise<ReadonlyMap<number, unknown>> {
  await document.source.makeRandom();
  const { ranges, failures } = await rangesOf(document, looks, options);
  const drawings = looks.flatMap((look, at) =>
    failures.has(at) ? [] : drawingsOf(document, look, at, options, ranges.get(at) ?? []),
  );
  const show = (drawing: Drawing, rows: Iterable<Uint8Array>): void => {
    for (const line of rows) draw({ look: drawing.look, x: drawing.x, row: drawing.row++, line });
  };
  const failed = await readTogether(document, drawings, options, (drawing, band) =>
    show(drawing, drawing.painter.add(band)),
  );
  for (const drawing of drawings) if (!failed.has(drawing.look)) show(drawing, drawing.painter.end());
  return new Map([...failures, ...failed]);
}

/** The views of a look, from the left to the right. */
function drawingsOf(
  { header, arrived, source }: Read,
  { kind, views }: Look,
  look: number,
  options: PreviewOptions,
  ranges: readonly Range[],
): Drawing[] {
  const { window, size } = options;
  let x = 0;
  return views.map((view): Drawing => {
    const part = partOf(header, view);
    const frame = frameOf(part, window, size && sizePerView(size, views.length));
    const resolution = isAveraged(kind) ? resolutionFor(arrived, part, view.channels, frame, source) : fullResolution;
    const painter = new ViewPainter(kind, view, part, frame, { ...options, ranges });
    const drawing = { look, view, part, resolution, x, painter, row: 0 };
    x += frame.columns;
    return drawing;
  });
}

/** The range of each channel of the looks that are normalised, over all their views. */
async function rangesOf(
  document: Read,
  looks: readonly Look[],
  options: PreviewOptions,
): Promise<{ ranges: ReadonlyMap<number, readonly Range[]>; failures: Failures }> {
  const { range } = options;
  const normalised = [...looks.entries()].filter(([, { kind }]) => needsRange(kind));
  const channelsOf = ({ views }: Look) => views[0]?.channels ?? [];
  if (range)
    return {
      ranges: new Map(normalised.map(([at, look]) => [at, channelsOf(look).map(() => range)])),
      failures: new Map(),
    };
  const finders = new Map(normalised.map(([at, look]) => [at, channelsOf(look).map(() => new RangeFinder())]));
  const wishes = normalised.flatMap(([look, { views }]) =>
    views.map((view): Wish => ({ look, view, part: partOf(document.header, view), resolution: fullResolution })),
  );
  const failures = await readTogether(document, wishes, options, ({ look, view }, { planes }) => {
    for (const [at, plane] of planes.entries()) finders.get(look)?.[at]?.add(plane, view.channels[at]?.type ?? 'float');
  });
  return { ranges: new Map([...finders].map(([at, own]) => [at, own.map((finder) => finder.range)])), failures };
}

/** Reads what lies in the same parts at the same resolution in one pass, and hands each its own channels. */
async function readTogether<Own extends Wish>(
  document: Read,
  wishes: readonly Own[],
  options: BandOptions,
  take: (wish: Own, band: Band) => void,
): Promise<Failures> {
  const failures: Failures = new Map();
  for (const { part, resolution, channels, own } of passesOf(wishes)) {
    const places = new Map(channels.map((channel, at) => [channel, at]));
    try {
      for await (const band of readBands(document, part, channels, resolution, options))
        for (const wish of own) {
          const planes = wish.view.channels.flatMap((channel) => band.planes[places.get(channel) ?? -1] ?? []);
          take(wish, { ...band, planes });
        }
    } catch (error) {
      options.signal?.throwIfAborted();
      for (const { look } of own) failures.set(look, error);
    }
  }
  return failures;
}

interface Pass<Own extends Wish> {
  readonly part: Part;
  readonly resolution: Resolution;
  readonly channels: readonly Channel[];
  readonly own: readonly Own[];
}

function passesOf<Own extends Wish>(wishes: readonly Own[]): Pass<Own>[] {
  return [...groupBy(wishes, keyOf).values()].flatMap((alike) => {
    const { part, resolution } = alike[0] as Own;
    const lines = part.tiles?.height ?? 16;
    const most = Math.max(1, Math.floor(mostBytes / (boxWidth(part.dataWindow) * lines * 4)));
    const passes: { channels: Set<Channel>; own: Own[] }[] = [];
    for (const wish of alike) {
      const last = passes.at(-1);
      if (last && last.channels.size + wish.view.channels.length <= most) {
        last.own.push(wish);
        for (const channel of wish.view.channels) last.channels.add(channel);
      } else passes.push({ channels: new Set(wish.view.channels), own: [wish] });
    }
    return passes.map(({ channels, own }) => ({ part, resolution, channels: [...channels], own }));
  });
}

/** The same for what can be read in one pass. */
function keyOf({ view: { part, channels }, resolution }: Wish): string {
  const parts = new Set(channels.map(({ plane }) => (isArrived(plane) ? plane.part : -1)));
  return JSON.stringify([part, [...parts].sort((a, b) => a - b), resolution]);
}
