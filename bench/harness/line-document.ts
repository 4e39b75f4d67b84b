/** Documents whose pixels are made line by line when they are asked for, to be encoded by exrpipe itself. */
import type { Box, ExrDocument, Header, Part } from '../../lib/index.js';

export interface LineDocument {
  readonly header: Header;
  /** One part of scan lines, uncompressed. */
  readonly arrived: Header;
  readonly lineBytes: number;
  /** The payload of a line, counted from 0. */
  readonly read: (line: number) => Promise<Uint8Array>;
}

/** A document with one chunk for each line. */
export function documentOfLines({ header, arrived, lineBytes, read }: LineDocument): ExrDocument {
  const window = arrived.parts[0]?.dataWindow;
  const height = window ? window.yMax - window.yMin + 1 : 0;
  const order = Array.from({ length: height }, (_, index) => ({ part: 0, index }));
  return {
    header,
    arrived,
    inputs: [],
    source: {
      order,
      missing: [],
      table: 'sound',
      ahead: order,
      random: true,
      closed: false,
      space: () => lineBytes,
      read: ({ index }) => read(index),
      head: async ({ index }, length) => (await read(index)).subarray(0, length),
      pieces: async ({ index }) => {
        const bytes = await read(index);
        return { length: bytes.length, pieces: piece(bytes) };
      },
      peek: (chunks) => Promise.all(chunks.map(({ index }) => read(index))),
      makeRandom: async () => {},
      close: async () => {},
    },
  };
}

async function* piece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function scanLines(width: number, height: number): Omit<Part, 'compression' | 'channels' | 'attributes'> {
  const window: Box = { xMin: 0, yMin: 0, xMax: width - 1, yMax: height - 1 };
  return {
    name: undefined,
    type: 'scanlineimage',
    dataWindow: window,
    displayWindow: window,
    lineOrder: 'increasing',
    tiles: undefined,
  };
}

export function singlePart(part: Part): Header {
  return { parts: [part], longNames: false, multiPart: false };
}
