/** Chains of steps over headers alone: as one process runs them, and as a pipe of processes, of which each writes a file. */

import fc from 'fast-check';
import {
  compress,
  convert,
  drop,
  dropAttribute,
  matte,
  merge,
  pick,
  rename,
  repair,
  split,
} from '../../filters/index.js';
import type { ExrDocument } from '../../lib/engine/document.js';
import { parseHeader } from '../../lib/format/header-parser.js';
import { writeHeader } from '../../lib/format/header-writer.js';
import {
  type Channel,
  ExrError,
  type FilterStep,
  type Header,
  type InputInfo,
  isArrived,
  isExrError,
  type Notice,
} from '../../lib/index.js';
import { routeParts, settleRoutes } from '../../lib/io/route.js';
import { headerSets, placesOf } from '../../lib/layers/index.js';
import { adviceText } from '../../lib/model/advice.js';
import { run } from '../filters/support.js';

/** A step to be: what it works on is chosen once there is a header. */
export interface Sketch {
  readonly kind: keyof typeof makers;
  /** Chooses among the names of a header. */
  readonly at: number;
  readonly to: string;
}

type Maker = (header: Header, sketch: Sketch) => FilterStep;

/** `at` chooses one; '' where there is none. */
function choose(names: Iterable<string | undefined>, at: number): string {
  const all = [...new Set([...names].flatMap((name) => name || []))];
  return all[at % Math.max(1, all.length)] ?? '';
}

function layers(header: Header): string[] {
  return [...placesOf(header).values()].flatMap(({ layer, viewLayer }) => [layer, viewLayer]);
}

/** Names of layers, view layers, parts and Cryptomattes. */
function allNames(header: Header): (string | undefined)[] {
  return [...layers(header), ...header.parts.map(({ name }) => name), ...headerSets(header).map(({ name }) => name)];
}

function viewLayerNames(header: Header): string[] {
  return layers(header).flatMap((name) => (name.includes('.') ? name.slice(0, name.indexOf('.')) : []));
}

/** A glob that means the name itself. */
function glob(name: string): string {
  return name.replace(/[*?[\]{}()!\\+@|]/g, '?') || 'nothing';
}

const makers = {
  map: (header, { at, to }) => rename({ map: [`${choose(allNames(header), at)}=${to}`] }),
  mapViewLayer: (header, { at, to }) => rename({ map: [`${choose(viewLayerNames(header), at)}=${to}`] }),
  strip: (header, { at }) => rename({ stripPrefix: [`${choose(viewLayerNames(header), at)}.`] }),
  add: (_, { to }) => rename({ addPrefix: `${to}.` }),
  regex: (_, { at }) =>
    rename({
      regex: [['s/crypto/ids/i', 's/\\./_/', 's/(Object|object)/Thing/g', 's/0([0-9])/$1/'][at % 4] as string],
    }),
  preset: (_, { at }) => rename({ preset: ['nuke', 'arnold', 'blender', 'fusion'][at % 4] as 'nuke' }),
  split: (_, { at }) => split({ by: (['view-layer', 'layer', 'part'] as const)[at % 3] as 'part' }),
  splitStrip: (_, { at }) => split({ by: (['view-layer', 'layer'] as const)[at % 2] as 'layer', stripPrefix: true }),
  mergeSingle: (_, { at }) => merge({ as: 'single', onClash: at % 2 === 0 ? 'error' : 'prefix' }),
  mergeParts: (_, { at }) => merge({ as: 'parts', ...(at % 3 === 0 && { name: '{stem}.{layer}' }) }),
  pickLayer: (header, { at }) => pick({ layer: [glob(choose(allNames(header), at))] }),
  pickPart: (header, { at }) =>
    pick({
      part: [
        glob(
          choose(
            header.parts.map(({ name }) => name),
            at,
          ),
        ),
      ],
    }),
  dropLayer: (header, { at }) => drop({ layer: [glob(choose(allNames(header), at))] }),
  dropPart: (header, { at }) =>
    drop({
      part: [
        glob(
          choose(
            header.parts.map(({ name }) => name),
            at,
          ),
        ),
      ],
    }),
  matte: (_, { at, to }) => matte({ name: ['*'], ...(at % 2 === 0 && { as: to }) }),
  dropAttribute: () => dropAttribute({ attributes: ['cycles.*', 'owner', 'comments'] }),
  repair: () => repair({}),
  float: () => convert({ to: 'float' }),
  zip: () => compress({ to: 'zip' }),
  piz: () => compress({ to: 'piz' }),
} as const satisfies Record<string, Maker>;

const names = [
  'x',
  'main',
  'hero.ids',
  'CryptoObject',
  'left',
  '木',
  'A b',
  'crypto_object',
  'Chars.CryptoMaterial',
  'n1',
];

export function sketches(
  kinds: readonly Sketch['kind'][] = Object.keys(makers) as Sketch['kind'][],
  most = 4,
): fc.Arbitrary<Sketch[]> {
  const sketch = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(40), to: fc.constantFrom(...names) });
  return fc.array(sketch, { minLength: 1, maxLength: most });
}

/** Steps that keep every plane and no name. */
export const renaming: readonly Sketch['kind'][] = ['map', 'mapViewLayer', 'strip', 'add', 'regex', 'preset'];

/** A file as one process has it: the header that arrived and the wanted one, and which planes of the first file arrived. */
export interface Stage {
  readonly arrived: Header;
  readonly header: Header;
  readonly origins: ReadonlyMap<string, string>;
  readonly notices: readonly Notice[];
}

function place(part: number, index: number): string {
  return `${part}:${index}`;
}

export function start(header: Header): Stage {
  const origins = header.parts.flatMap(({ channels }, part) =>
    channels.map((_, index) => [place(part, index), place(part, index)] as const),
  );
  return { arrived: header, header, origins: new Map(origins), notices: [] };
}

/** The plane of the first file that a channel is made of; undefined for one that was computed on the way. */
export function originOf({ plane }: Channel, { origins }: Pick<Stage, 'origins'>): string | undefined {
  return isArrived(plane) ? origins.get(place(plane.part, plane.index)) : undefined;
}

function inputsOf({ arrived }: Stage): InputInfo[] {
  return [{ path: undefined, stem: 'stdin', frame: undefined, parts: [...arrived.parts.keys()] }];
}

/** Pixels in a codec that nobody can decode: what depends on them is refused, or said to be unknown. */
function unreadable(): never {
  throw new ExrError('unsupported', 'PIXELS_UNSUPPORTED', 'these are headers alone');
}

/** One step more. The error is an ExrError; everything else is thrown. */
export async function advance(stage: Stage, step: FilterStep): Promise<Stage | ExrError> {
  try {
    const { header, notices } = await run(step, stage.header, { inputs: inputsOf(stage), samples: unreadable });
    return { ...stage, header, notices: [...stage.notices, ...notices] };
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
}

/** What becomes of a stage in files: one, or one for each part. */
export interface Written {
  readonly files: readonly Header[];
  readonly notices: readonly Notice[];
}

export function write(stage: Stage, pattern?: string): Written {
  const { header, arrived } = stage;
  const document: Omit<ExrDocument, 'source'> = { header, arrived, inputs: inputsOf(stage) };
  const notices: Notice[] = [];
  const routes = settleRoutes(routeParts(document as ExrDocument, pattern), document, {
    warn: (code, message) => void notices.push({ level: 'warning', code, message: adviceText(message) }),
    note: (code, message) => void notices.push({ level: 'note', code, message: adviceText(message) }),
  });
  return { files: routes.map((route) => route.header), notices };
}

/** Through a pipe: written to one file, and read by the next process. */
export function throughPipe(stage: Stage): Stage {
  const { files, notices } = write(stage);
  const [file] = files as [Header];
  const { header } = parseHeader(writeHeader(file));
  const origins = file.parts.flatMap(({ channels }, part) =>
    channels.map(
      (channel, index) => [place(part, index), originOf(channel, stage) ?? `${place(part, index)} computed`] as const,
    ),
  );
  return { arrived: header, header, origins: new Map(origins), notices: [...stage.notices, ...notices] };
}

/** The steps of a chain that were done, each with the header that it got. */
export interface Run {
  readonly stage: Stage;
  readonly steps: readonly FilterStep[];
}

/** Runs a chain. Steps that are refused are left out. */
export async function runChain(
  header: Header,
  chain: readonly Sketch[],
  each: (stage: Stage) => void = () => {},
): Promise<Run> {
  let stage = start(header);
  const steps: FilterStep[] = [];
  for (const sketch of chain) {
    const step = makeStep(stage.header, sketch);
    const next = step === undefined ? undefined : await advance(stage, step);
    if (step === undefined || next === undefined || isExrError(next)) continue;
    steps.push(step);
    stage = next;
    each(stage);
  }
  return { stage, steps };
}

/** The step for a header; undefined where the options do not fit together, as an empty name to map. */
export function makeStep(header: Header, sketch: Sketch): FilterStep | undefined {
  try {
    return makers[sketch.kind](header, sketch);
  } catch (error) {
    if (error instanceof ExrError) return undefined;
    throw error;
  }
}
