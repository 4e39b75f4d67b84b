/** Documents are let go when they are closed, and close when they are disposed of. */

import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { rename } from '../../filters/index.js';
import { type ExrDocument, exrSource, openExr, openFrame } from '../../lib/index.js';
import { fixturePath } from '../support.js';

const path = fixturePath('blender/b2_main_dot.0001.exr');

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

t.test('a source holds no document that is closed', async (t) => {
  const documents: WeakRef<ExrDocument>[] = [];
  const alive = () => documents.filter((one) => one.deref() !== undefined).length;
  const count = 60;
  let most = 0;
  const source = exrSource(Array.from({ length: count }, () => path));
  const sink = new Writable({
    objectMode: true,
    highWaterMark: 1,
    async write(document: ExrDocument, _encoding, done) {
      documents.push(new WeakRef(document));
      await document.source.close();
      // A weak reference holds its target until the current job of the event loop is over.
      await setImmediate();
      collectGarbage();
      most = Math.max(most, alive());
      done();
    },
  });
  await pipeline(source, sink);
  t.equal(documents.length, count);
  t.ok(most <= 8, `at most ${most} of ${count} documents are held at once`);
});

t.test('documents are closed when they are disposed of, also as copies and joined', async (t) => {
  const document = await openExr(path);
  t.notOk(document.source.closed);
  const copy = { ...document, header: { ...document.header, longNames: true } };
  await copy[Symbol.asyncDispose]();
  t.ok(document.source.closed);
  const framed = await openFrame([path], [rename({ map: ['main=hero'] })]);
  await framed[Symbol.asyncDispose]();
  t.ok(framed.source.closed);
});
