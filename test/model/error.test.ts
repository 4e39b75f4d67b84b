/** Of what kind an error is, wherever it comes from. */
import { open, readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import { compress } from '../../filters/index.js';
import { ExrError, type ExrError as ExrFault, runFrame } from '../../lib/index.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import type { Job } from '../../lib/jobs/job.js';
import { asExrError, isAbort, withPlace } from '../../lib/model/error.js';
import { WorkerPool } from '../../lib/node/worker-pool.js';
import { fixturePath, memorySink } from '../support.js';

/** What an action throws. */
async function thrown(action: () => unknown): Promise<unknown> {
  try {
    await action();
  } catch (error) {
    return error;
  }
  throw new Error('an error was expected');
}

t.test('errors of Node and of the language', async (t) => {
  const kinds = new Map<string, () => unknown>([
    ['io ENOENT', () => readFile('/does/not/exist')],
    ['io EISDIR', () => readFile('/')],
    ['io EPIPE', () => Promise.reject(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }))],
    [
      'io ERR_STREAM_PREMATURE_CLOSE',
      () => Promise.reject(Object.assign(new Error('closed'), { code: 'ERR_STREAM_PREMATURE_CLOSE' })),
    ],
    ['io OUT_OF_MEMORY', () => new ArrayBuffer(2 ** 45)],
    ['invalid Z_BUF_ERROR', () => gunzipSync(gzipSync('hello').subarray(0, 15))],
    ['internal UNEXPECTED', () => (undefined as unknown as { x: number }).x],
    ['internal ERR_INVALID_ARG_TYPE', () => open(undefined as unknown as string)],
    ['internal ERR_OUT_OF_RANGE', () => Buffer.alloc(-1)],
    ['limit HEADER_TOO_LARGE', () => Promise.reject(new ExrError('limit', 'HEADER_TOO_LARGE', 'too large'))],
  ]);
  for (const [expected, action] of kinds) {
    const { kind, code, where } = asExrError(await thrown(action), { part: 3 });
    t.match(`${kind} ${code}`.replace('ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'), expected);
    t.same(where, { part: 3 });
  }
  const fault = asExrError(new TypeError('x is not a function'));
  t.match(fault, { message: /^internal error: TypeError: x is .*\(error\.test\.[jt]s:\d+\)$/, hint: /report it/ });
});

t.test('an abort stays what it is', async (t) => {
  const { reason } = AbortSignal.abort();
  t.equal(withPlace(reason, { part: 1 }), reason);
  t.ok(isAbort(reason));
  t.notOk(isAbort(new Error('AbortError')));
  const input = fixturePath('reference/scan_zip.exr');
  const enough = new Error('enough');
  for (const cause of [undefined, enough]) {
    const controller = new AbortController();
    const onPlan = () => controller.abort(cause);
    const { signal } = controller;
    const error = await thrown(() => runFrame([input], [compress({ to: 'piz' })], memorySink(), { signal, onPlan }));
    t.equal(error, signal.reason, 'also one of the caller');
  }
});

t.test('a job fails alike on this thread and on others', async (t) => {
  const pool = new WorkerPool(1);
  t.teardown(() => pool.close());
  const here = inlineRunner(createCodecs);
  const plane = { name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
  const region = { x: 0, y: 0, width: 8, height: 1 };
  const job = (compression: 'zip' | 'piz' | 'dwaa', width = 8): Job => ({
    kind: 'transcode',
    sources: [{ part: { part: 0, compression, planes: [plane] }, region }],
    targets: [
      {
        part: { compression: 'zips', planes: [{ ...plane, plane: { part: 0, index: 0 } }], settings: {} },
        region: { ...region, width },
      },
    ],
  });
  const wrong = { kind: 'transcode', sources: [{}], targets: [{}] } as unknown as Job;
  const cases: readonly (readonly [string, Job, Uint8Array])[] = [
    ['invalid', job('zip'), new Uint8Array(9)],
    ['invalid', job('zip'), new Uint8Array(900)],
    ['invalid', job('piz'), new Uint8Array(9).fill(255)],
    ['invalid', job('dwaa'), new Uint8Array(9).fill(255)],
    ['internal', wrong, new Uint8Array(9)],
  ];
  for (const [kind, one, payload] of cases) {
    const [first, second] = await Promise.all(
      [here, pool].map((runner) => thrown(() => runner.run(one, [payload.slice()])) as Promise<ExrFault>),
    );
    t.equal(first?.kind, kind);
    t.same(
      [second?.kind, second?.code, second?.message, second?.hint],
      [first?.kind, first?.code, first?.message, first?.hint],
    );
  }
});
