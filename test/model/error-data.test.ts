import t from 'tap';
import { ExrError } from '../../lib/model/error.js';
import { fromErrorData, toErrorData, toTracedErrorData } from '../../lib/model/error-data.js';

const original = new ExrError('limit', 'TOO_MUCH', 'more than there may be', {
  where: { file: 'a.exr', part: 2 },
  hint: 'Take less.',
  limit: 'claimBytes',
  cause: Object.assign(new TypeError('inner', { cause: 'a word' }), { code: 'E_INNER' }),
});

t.test('an error and its causes on the way to another thread', async (t) => {
  const back = fromErrorData(structuredClone(toTracedErrorData(original)));
  t.ok(back instanceof ExrError);
  const { kind, code, message, where, hint, limit, stack } = original;
  t.match(back, { kind, code, message, where, hint, limit, stack });
  t.match(back.cause, { name: 'TypeError', message: 'inner', code: 'E_INNER', cause: { message: 'a word' } });
  t.equal((back.cause as Error).stack, (original.cause as Error).stack);
});

t.test('events have no stacks', async (t) => {
  t.same(Object.keys(toErrorData(original)), ['kind', 'code', 'message', 'where', 'hint', 'limit']);
  t.match(fromErrorData(toErrorData(new Error('odd'))), { kind: 'internal', message: 'odd' });
});

t.test('causes that go round in a circle', async (t) => {
  const circle = new Error('round');
  circle.cause = circle;
  const data = toTracedErrorData(new ExrError('io', 'X', 'x', { cause: circle }));
  t.ok(JSON.stringify(data).length < 100_000);
});

t.test('more context keeps stack and cause', async (t) => {
  const placed = original.at({ file: 'b.exr', frame: 3 });
  t.same(placed.where, { file: 'a.exr', part: 2, frame: 3 });
  t.equal(placed.stack, original.stack);
  t.equal(placed.cause, original.cause);
});
