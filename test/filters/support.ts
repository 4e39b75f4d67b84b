import { drop } from '../../filters/index.js';
import { sidecarPath } from '../../lib/cryptomatte/index.js';
import {
  type ExrError,
  type FilterContext,
  type FilterStep,
  type Header,
  type InputInfo,
  isArrived,
  isExrError,
  type Notice,
} from '../../lib/index.js';
import { adviceText } from '../../lib/model/advice.js';

export interface Setting {
  readonly inputs?: readonly InputInfo[];
  /** Headers of the other files a filter may read, by path. */
  readonly files?: Readonly<Record<string, Header>>;
  /** Texts of the side files it may read, by path. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Where pixels are read from; asking for them is a mistake without it. */
  readonly samples?: FilterContext['samples'];
  /** The programs that the result is made for. */
  readonly programs?: FilterContext['programs'];
}

/** Runs one step on a header, as a pipeline does, and collects what it reports. */
export async function run(
  step: FilterStep,
  header: Header,
  setting: Setting = {},
): Promise<{ header: Header; notices: Notice[]; codes: string[] }> {
  const notices: Notice[] = [];
  const context: FilterContext = {
    inputs: setting.inputs ?? [inputInfo('shot.exr', header)],
    programs: setting.programs ?? [],
    warn: (code, message) => void notices.push({ level: 'warning', code, message: adviceText(message) }),
    note: (code, message) => void notices.push({ level: 'note', code, message: adviceText(message) }),
    readHeader: async (path) => {
      const found = setting.files?.[path];
      if (!found) throw new Error(`the test has no file ${path}`);
      return found;
    },
    readFile: async (path) => {
      const found = setting.texts?.[path];
      if (found === undefined) throw new Error(`the test has no file ${path}`);
      return new TextEncoder().encode(found);
    },
    readSidecar: async (image, name) => {
      const path = sidecarPath(image, name);
      const found = setting.texts?.[path];
      if (found === undefined) throw new Error(`the test has no file ${path}`);
      return new TextEncoder().encode(found);
    },
    openFile: async (path) => {
      throw new Error(`the test has no file ${path}`);
    },
    openImage: async (path) => {
      throw new Error(`the test has no image ${path}`);
    },
    findNamed: async (pattern) => {
      throw new Error(`the test has no images ${pattern}`);
    },
    makeChannels: () => {
      throw new Error('this filter makes no pixels');
    },
    samples: setting.samples ?? noPixels,
    samplesOf: noPixels,
    signal: undefined,
  };
  const result = await step.header(header, context);
  return { header: result, notices, codes: notices.map(({ code }) => code) };
}

/** The error a step ends with. Fails when it does not. */
export async function failure(step: FilterStep, header: Header, setting: Setting = {}): Promise<ExrError> {
  try {
    await run(step, header, setting);
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  throw new Error(`${step.filter} was expected to fail`);
}

/** The error of something that fails at once. */
export function thrown(action: () => unknown): ExrError {
  try {
    action();
  } catch (error) {
    if (isExrError(error)) return error;
    throw error;
  }
  throw new Error('an error was expected');
}

export function inputInfo(path: string, header: Header, firstPart = 0): InputInfo {
  const stem = path.replace(/^.*\//, '').replace(/(\.\d+)?\.exr$/, '');
  return { path, stem, frame: undefined, parts: header.parts.map((_, index) => firstPart + index) };
}

/** Several files as the engine opens them for a filter that joins: one document, planes numbered over all its parts. */
export function joined(files: Readonly<Record<string, Header>>): { header: Header; inputs: InputInfo[] } {
  const inputs: InputInfo[] = [];
  const parts: Header['parts'][number][] = [];
  for (const [path, header] of Object.entries(files)) {
    inputs.push(inputInfo(path, header, parts.length));
    const offset = parts.length;
    for (const part of header.parts)
      parts.push({
        ...part,
        channels: part.channels.map((channel) =>
          isArrived(channel.plane)
            ? { ...channel, plane: { part: channel.plane.part + offset, index: channel.plane.index } }
            : channel,
        ),
      });
  }
  return { header: { parts, longNames: false, multiPart: parts.length > 1 }, inputs };
}

function noPixels(): never {
  throw new Error('this filter works on headers alone');
}

/** The steps that an error advises to put in front: `drop({ layer: ['*rypto*'] })`. */
export function advisedDrops(error: unknown): FilterStep[] {
  const pieces = (isExrError(error) && error.advice) || [];
  const steps = pieces.flatMap((piece) => (typeof piece !== 'string' && 'chain' in piece ? piece.chain : []));
  return steps.map(({ options }) => drop.create(options));
}
