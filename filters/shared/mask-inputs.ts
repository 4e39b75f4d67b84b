/** The masks that a Cryptomatte is made of: image files and channels of the frame, by name, with lines of one window. */
import { compareText, listed } from '../../lib/format/index.js';
import {
  advise,
  type Box,
  type Channel,
  ExrError,
  type FilterContext,
  type Header,
  isDeep,
  optionNamed,
  type Part,
} from '../../lib/index.js';
import { fullName, placeOf } from '../../lib/layers/index.js';

const token = '{name}';

/** A mask, wherever it comes from. */
export interface Mask {
  readonly name: string;
  /** See `ImageLines.channels`. */
  readonly step: number | 'half';
  /** The pixels that it can cover. */
  readonly window: Box;
  /** Its lines from the top over a window that may be larger: there it is 0. A line is valid until the next. */
  lines(window: Box): AsyncIterator<Float32Array>;
}

/** What masks are asked for. */
export interface MaskWishes {
  /** `FILE`, `NAME=FILE` or a pattern with `{name}`. */
  readonly mask: readonly string[];
  /** Patterns of channels with `{name}`. */
  readonly fromChannels: readonly string[];
  /** The channel of files that have several. */
  readonly channel?: string;
}

/** Sorted by name. @throws ExrError `usage` for two masks of one name, files of another size, and what is not there. */
export async function findMasks(header: Header, wishes: MaskWishes, context: FilterContext): Promise<Mask[]> {
  const files: Mask[] = [];
  for (const text of wishes.mask)
    for (const [name, path] of await namedPaths(text, context))
      files.push(await fileMask(name, path, header, wishes.channel, context));
  const own = wishes.fromChannels.flatMap((pattern) => channelMasks(pattern, header, context));
  const masks = [...files, ...own].sort((a, b) => compareText(a.name, b.name));
  const twice = masks.find(({ name }, at) => name === masks[at - 1]?.name);
  if (twice)
    throw new ExrError('usage', 'NAME_TWICE', `two masks have the name "${twice.name}"`, {
      hint: 'Name one of them with NAME=FILE.',
    });
  return masks;
}

async function namedPaths(text: string, context: FilterContext): Promise<Iterable<readonly [string, string]>> {
  const equals = text.indexOf('=');
  if (text.includes(token)) return context.findNamed(text);
  const [name, path] = equals > 0 ? [text.slice(0, equals), text.slice(equals + 1)] : [fileTitle(text), text];
  if (name === '' || path === '')
    throw new ExrError('usage', 'BAD_MASK', `"${text}" is not a FILE, NAME=FILE or pattern with ${token}`);
  return [[name, path]];
}

/** The name of a file without folder, ending and frame. */
function fileTitle(path: string): string {
  const file = path.replace(/^.*[/\\]/, '').replace(/\.[A-Za-z][A-Za-z0-9]*$/, '');
  return file.replace(/[._](?:#+|%0?\d*d|\{frame(?::\d+)?\})$/, '').replace(/\.\d+$/, '');
}

async function fileMask(
  name: string,
  path: string,
  header: Header,
  asked: string | undefined,
  context: FilterContext,
): Promise<Mask> {
  const image = await context.openImage(path);
  const names = image.channels.map((channel) => channel.name);
  const found = image.channels.find((channel) => channel.name === (asked ?? names[0]));
  const where = { file: image.path };
  if (!found || (asked === undefined && names.length > 1))
    throw new ExrError(
      'usage',
      'WHICH_CHANNEL',
      found ? `the mask has several channels: ${listed(names)}` : `the mask has no channel "${asked}"`,
      {
        where,
        hint: found
          ? advise`Name the one that is the mask with ${optionNamed('channel')}.`
          : `It has ${listed(names)}.`,
      },
    );
  const window = (header.parts[0] as Part).displayWindow;
  const [width, height] = [window.xMax - window.xMin + 1, window.yMax - window.yMin + 1];
  if (image.width !== width || image.height !== height)
    throw new ExrError(
      'usage',
      'MASK_SIZE',
      `the mask is ${image.width} x ${image.height} pixels, and the display window of the frame ${width} x ${height}`,
      { where, hint: 'A mask has a pixel for each pixel of the display window.' },
    );
  const { step } = found;
  return { name, step, window, lines: (wanted) => within(image.lines(found.name), window, wanted) };
}

function channelMasks(pattern: string, header: Header, context: FilterContext): Mask[] {
  const [before = '', after = '', ...more] = pattern.split(token);
  if (!pattern.includes(token) || more.length > 0)
    throw new ExrError('usage', 'BAD_PATTERN', `"${pattern}" must contain ${token} once`, {
      hint: `Write for example "mattes.${token}".`,
    });
  const masks = header.parts.flatMap((part) => {
    if (isDeep(part)) return [];
    return part.channels.flatMap((channel): Mask[] => {
      const spelt = [channel.name, fullName(placeOf(header, channel))];
      const fit = spelt.find(
        (one) => one.length > before.length + after.length && one.startsWith(before) && one.endsWith(after),
      );
      if (fit === undefined || channel.xSampling !== 1 || channel.ySampling !== 1) return [];
      const name = fit.slice(before.length, fit.length - after.length);
      const step = channel.type === 'half' ? 'half' : 0;
      const lines = (wanted: Box) => within(channelLines(part, channel, context), part.dataWindow, wanted);
      return [{ name, step, window: part.dataWindow, lines }];
    });
  });
  if (masks.length > 0) return masks;
  throw new ExrError('usage', 'NO_SUCH_CHANNEL', `no channel matches "${pattern}"`, {
    hint: `There are: ${listed(header.parts.flatMap((part) => part.channels.map(({ name }) => name)))}.`,
  });
}

async function* channelLines(part: Part, { name }: Channel, { samples }: FilterContext): AsyncGenerator<Float32Array> {
  const scanLines: Part = { ...part, type: 'scanlineimage', tiles: undefined, lineOrder: 'increasing' };
  for await (const { region, samples: planes } of samples(scanLines, [name])) {
    const values = planes[0] instanceof Float32Array ? planes[0] : Float32Array.from(planes[0] ?? []);
    for (let at = 0; at < values.length; at += region.width) yield values.subarray(at, at + region.width);
  }
}

/** The lines of one window as those of another that it lies in. */
async function* within(lines: AsyncIterable<Float32Array>, own: Box, wanted: Box): AsyncGenerator<Float32Array> {
  const line = new Float32Array(wanted.xMax - wanted.xMin + 1);
  const isWhole = own.xMin === wanted.xMin && own.xMax === wanted.xMax;
  for (let y = wanted.yMin; y < own.yMin; y++) yield line;
  for await (const values of lines) {
    if (!isWhole) line.set(values, own.xMin - wanted.xMin);
    yield isWhole ? values : line;
  }
  line.fill(0);
  for (let y = own.yMax; y < wanted.yMax; y++) yield line;
}
