/** Jobs on their way to a thread: parts are sent once, and none is taken for another. */
import fc from 'fast-check';
import t from 'tap';
import type { Job, SourcePart, TargetPart } from '../../lib/jobs/job.js';
import { JobReceiver, JobSender } from '../../lib/jobs/job-message.js';

const plane = { name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const;
const region = { x: 0, y: 0, width: 8, height: 1 };

const sources = Array.from({ length: 60 }, (_, part): SourcePart => ({ part, compression: 'zip', planes: [plane] }));
const targets = Array.from({ length: 60 }, (_, index): TargetPart => {
  const planes = [{ ...plane, plane: { part: 0, index } }];
  return { compression: 'zip', planes, settings: {} };
});

const jobs = fc.record({
  kind: fc.constantFrom('transcode', 'splice', 'deep'),
  mayTranscode: fc.boolean(),
  sources: fc.array(fc.record({ part: fc.constantFrom(...sources), region: fc.constant(region) }), { maxLength: 50 }),
  targets: fc.array(fc.record({ part: fc.constantFrom(...targets), region: fc.constant(region) }), { maxLength: 50 }),
});

t.test('what arrives is what was sent, however many parts there were before', async (t) => {
  let forgot = 0;
  fc.assert(
    fc.property(fc.array(jobs, { maxLength: 20 }), (list) => {
      const sender = new JobSender();
      const receiver = new JobReceiver();
      for (const job of list) {
        const message = sender.pack(job as Job);
        if (message.restart) ++forgot;
        t.same(receiver.unpack(structuredClone(message)), job);
      }
    }),
  );
  t.ok(forgot > 0, 'too many parts to remember all');
});

t.test('so it is with several jobs in one, and with the places of their chunks', async (t) => {
  const place = fc.record({ part: fc.nat(), chunk: fc.nat() });
  const batches = fc.array(fc.record({ job: jobs, place }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(batches, { maxLength: 8 }), (list) => {
      const sender = new JobSender();
      const receiver = new JobReceiver();
      for (const own of list) {
        const batch = { kind: 'batch', jobs: own } as Job;
        t.same(receiver.unpack(structuredClone(sender.pack(batch))), batch);
      }
    }),
  );
});

t.test('a part is sent once', async (t) => {
  const sender = new JobSender();
  const job = (from: number, to: number): Job => ({
    kind: 'transcode',
    sources: [{ part: sources[from] as SourcePart, region }],
    targets: [{ part: targets[to] as TargetPart, region }],
  });
  t.equal(sender.pack(job(0, 0)).parts.length, 2);
  t.equal(sender.pack(job(0, 0)).parts.length, 0);
  t.equal(sender.pack(job(0, 1)).parts.length, 1);
});
