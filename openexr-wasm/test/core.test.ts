import { readFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import t from 'tap';
import { CodecError, createCodecs, type Entropy } from '../src/core.js';

const module = new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url)));
const layout = {
  x: 0,
  y: 0,
  width: 100,
  height: 16,
  channels: [{ name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const],
};

t.test('the core entry point needs nothing of Node', async (t) => {
  const seen = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, name = ''] of readFileSync(url, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
      t.match(name, /^\.\//, `${name} is a file of the package`);
      visit(new URL(name, url));
    }
  };
  visit(new URL('../src/core.js', import.meta.url));
  t.ok(seen.size > 4, `${seen.size} files`);
});

t.test('deflate and inflate are the caller’s', async (t) => {
  const calls: string[] = [];
  const entropy: Entropy = {
    inflate: (packed, size) => {
      calls.push(`inflate ${size}`);
      return new Uint8Array(inflateSync(packed, { maxOutputLength: size }));
    },
    deflate: (raw, level) => {
      calls.push(`deflate ${level}`);
      return new Uint8Array(deflateSync(raw, { level }));
    },
  };
  const codecs = await createCodecs({ module, entropy });
  const planar = new Uint8Array(3200).fill(9);
  t.equal(Buffer.compare(codecs.decode('zip', layout, codecs.encode('zip', layout, planar, { level: 7 })), planar), 0);
  t.strictSame(calls, ['deflate 7', 'inflate 3200']);
});

t.test('an inflater that gives too much, or fails in its own way, does no harm', async (t) => {
  const make = (inflate: Entropy['inflate']) =>
    createCodecs({ module, entropy: { inflate, deflate: (raw) => new Uint8Array(raw) } });
  const generous = await make((_, size) => new Uint8Array(size + 1));
  t.throws(() => generous.decode('zip', layout, new Uint8Array(9)), { code: 'too-large' });
  const meagre = await make((_, size) => new Uint8Array(size - 1));
  t.throws(() => meagre.decode('zip', layout, new Uint8Array(9)), { code: 'truncated' });
  const broken = await make(() => {
    throw new TypeError('no');
  });
  t.throws(() => broken.decode('zip', layout, new Uint8Array(9)), { code: 'corrupt' });
});

t.test('what is not a module is refused', async (t) => {
  const entropy: Entropy = { inflate: (packed) => packed, deflate: (raw) => raw };
  await t.rejects(createCodecs({ module: {}, entropy }), CodecError);
});
