/** PNG as an output format: one channel as a grey image of the display window, such as a matte. */
import { stringAttribute } from '../format/attribute-types.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import type { ChunkRef } from '../format/offset-table.js';
import { asSamples } from '../jobs/planes.js';
import { greyLine } from '../look/grey.js';
import { PngWriter } from '../look/png.js';
import { advise, stepOf } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import type { Header, Part } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { ByteSink, ImageSink, OutputFormat, OutputStart } from './sink.js';

export const pngFormat: OutputFormat = { name: 'PNG', endings: ['.png'], takes: 'lines', open: openPng };

/** Texts of a PNG about its origin, by the attributes that they come from. */
const keptTexts = ['exrpipe/pipeline'];

/** @throws ExrError `usage` for a file that is not one image with one whole channel. */
async function openPng({ header, bytes }: OutputStart): Promise<ImageSink> {
  return new PngSink(bytes, onlyPart(header));
}

function onlyPart({ parts }: Header): Part {
  const [part, ...others] = parts as [Part];
  const channels = parts.flatMap((own) => own.channels);
  const [channel] = channels;
  if (others.length > 0 || channels.length !== 1 || !channel)
    throw new ExrError(
      'usage',
      'PNG_CHANNELS',
      `a PNG takes one channel, and here are ${channels.length}: ${listed(channels.map(({ name }) => name))}`,
      {
        hint: advise`Write a matte with ${stepOf('matte', { only: true })}, one channel with ${stepOf('pick', { channel: ['NAME'] })}; "preview" shows layers in colour.`,
      },
    );
  if (channel.xSampling !== 1 || channel.ySampling !== 1)
    throw new ExrError('usage', 'PNG_CHANNELS', `"${channel.name}" has no sample for each pixel`);
  return part;
}

/** Bands of lines from the top to the bottom, each packed as it comes. */
class PngSink implements ImageSink {
  readonly #bytes: ByteSink;
  readonly #part: Part;
  readonly #png: PngWriter;
  readonly #line: Uint8Array;
  readonly #depth: 8 | 16;

  constructor(bytes: ByteSink, part: Part) {
    this.#bytes = bytes;
    this.#part = part;
    this.#depth = part.bits ?? 8;
    const width = boxWidth(part.dataWindow);
    this.#line = new Uint8Array((width * this.#depth) / 8);
    const format = { width, height: boxHeight(part.dataWindow), channels: 1, depth: this.#depth, srgb: false } as const;
    this.#png = new PngWriter({ ...format, text: textsOf(part) }, (piece) => bytes.write(piece));
  }

  async write(_chunk: ChunkRef, payload: Uint8Array): Promise<void> {
    const { channels, dataWindow } = this.#part;
    const samples = asSamples(channels[0]?.type ?? 'float', payload);
    const width = boxWidth(dataWindow);
    for (let at = 0; at < samples.length; at += width)
      await this.#png.line(greyLine(samples.subarray(at, at + width), this.#depth, this.#line));
  }

  async writePieces(): Promise<void> {
    throw new RangeError('samples come whole');
  }

  async finish(signal?: AbortSignal): Promise<void> {
    await this.#png.end();
    await this.#bytes.finish(signal);
  }

  async abort(): Promise<void> {
    await this.#png.abort();
    await this.#bytes.abort();
  }
}

function textsOf({ attributes }: Part): ReadonlyMap<string, string> {
  const texts = keptTexts.flatMap((name): [string, string][] => {
    const text = stringAttribute(attributes.get(name));
    return text === undefined ? [] : [[name, text]];
  });
  return new Map([['Software', 'exrpipe'], ...texts]);
}
