// Splices of HTJ2K: what only headers and moved packets are made of.
import t from 'tap';
import { compose, indexPackets } from '../src/htj2k/compose.js';
import { readPackets } from '../src/htj2k/packets.js';
import { readChunk } from '../src/htj2k/read.js';
import { readHtVectors } from './htj2k-vectors.js';

t.test('all components in their order give the chunk that the reference library wrote', async (t) => {
  for (const { name, packed, channels } of readHtVectors()) {
    const { header, codestream } = readChunk(packed, channels.length);
    const source = indexPackets(codestream, readPackets(codestream));
    const composition = {
      magic: header.magic,
      pieces: codestream.components.map((_, component) => ({ source, component })),
      map: [...header.map],
      colourTransform: codestream.colourTransform,
      comments: codestream.comments,
      byResolution: codestream.bodies.length > 2,
    };
    const made = compose(composition, Number.POSITIVE_INFINITY) ?? new Uint8Array(0);
    t.equal(Buffer.compare(made, packed), 0, name);
    t.equal(compose(composition, packed.length), undefined, 'and no larger');
  }
});
