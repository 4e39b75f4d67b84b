/** Images other than the frame, line by line: masks as PNG or EXR. */
import type { ImageLines } from '../engine/filter.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import { pngSignature } from '../look/png-head.js';
import { PngReader } from '../look/png-reader.js';
import { closeQuietly } from '../model/close.js';
import { ExrError, withPlace } from '../model/error.js';
import { isDeep, type Part, type Samples } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { Host } from './host.js';
import { readSamples } from './samples.js';

/** Opens a file only while it is read. Errors name the file. */
export async function openImageLines(path: string, host: Host, signal: AbortSignal | undefined): Promise<ImageLines> {
  try {
    return (await isPng(path, host)) ? await pngLines(path, host) : await exrLines(path, host, signal);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function isPng(path: string, host: Host): Promise<boolean> {
  const file = await host.openFile(path);
  try {
    if (file.size < pngSignature.length) return false;
    const start = await file.read(0, pngSignature.length);
    return pngSignature.every((byte, at) => start[at] === byte);
  } finally {
    await file.close();
  }
}

async function pngLines(path: string, host: Host): Promise<ImageLines> {
  const file = await host.openFile(path);
  try {
    const { width, height, channels, bits } = (await PngReader.open(file)).head;
    const step = 1 / (2 ** bits - 1);
    return {
      path,
      width,
      height,
      channels: channels.map((name) => ({ name, step })),
      async *lines(channel) {
        const again = await host.openFile(path);
        try {
          yield* (await PngReader.open(again)).lines(channel);
        } catch (error) {
          throw withPlace(error, { file: path });
        } finally {
          await again.close();
        }
      },
    };
  } finally {
    await file.close();
  }
}

async function exrLines(path: string, host: Host, signal: AbortSignal | undefined): Promise<ImageLines> {
  const { displayWindow, channels } = firstFlat((await host.readHeader(path)).parts);
  return {
    path,
    width: boxWidth(displayWindow),
    height: boxHeight(displayWindow),
    channels: channels.map(({ name, type }) => ({ name, step: type === 'half' ? 'half' : 0 })),
    async *lines(channel) {
      const document = await host.openExr(path);
      try {
        const { runners, limits } = host;
        const part = linesOf(firstFlat(document.header.parts));
        const width = boxWidth(part.dataWindow);
        for await (const { samples } of readSamples(document, part, [channel], { signal, runners, limits })) {
          const plane = samples[0] as Samples;
          const values = plane instanceof Float32Array ? plane : Float32Array.from(plane);
          for (let at = 0; at < values.length; at += width)
            yield values.subarray(at, at + width) as Float32Array<ArrayBuffer>;
        }
      } catch (error) {
        throw withPlace(error, { file: path });
      } finally {
        await closeQuietly(document.source);
      }
    },
  };
}

/** Lines of the display window from the top; what is outside the data window is 0. */
function linesOf(part: Part): Part {
  return {
    ...part,
    type: 'scanlineimage',
    tiles: undefined,
    lineOrder: 'increasing',
    dataWindow: part.displayWindow,
  };
}

function firstFlat(parts: readonly Part[]): Part {
  const [part] = parts.filter((own) => !isDeep(own));
  if (part && parts.length === 1) return part;
  throw new ExrError(
    'unsupported',
    'NOT_ONE_IMAGE',
    part ? `there are ${parts.length} parts: ${listed(parts.map(({ name = '' }) => name))}` : 'the image is deep',
    { hint: 'A file with one flat part can be read; take it with "pick".' },
  );
}
