import t from 'tap';
import { eventInOptionWords, inOptionWords, noticeInOptionWords } from '../../bin/terminal/option-hints.js';
import { makeNotice } from '../../lib/engine/filter.js';
import { advise, chainOf, optionNamed, stepAfter, stepOf } from '../../lib/model/advice.js';
import { ExrError, isExrError } from '../../lib/model/error.js';
import { toErrorData } from '../../lib/model/error-data.js';

const advice = advise`Add ${stepAfter('compress', { to: 'zip' })}, or ${stepOf('merge', { as: 'parts', name: '{layer}{part}', notIds: ['main.A', 'b c'] })}, with ${optionNamed('allowLossy')}.`;
const words =
  'Add "then compress --to zip", or "merge --as parts --name \'{layer}{part}\' --not-ids main.A --not-ids \'b c\'", with --allow-lossy.';
const error = new ExrError('usage', 'X', 'x', { hint: advice });

t.test('an error says what to type', async (t) => {
  const worded = inOptionWords(error);
  t.equal(isExrError(worded) && worded.hint, words);
});

t.test('also in its message, with values and chains', async (t) => {
  const chain = chainOf(stepOf('drop', { layer: ['a', 'b c'] }), stepOf('repair'));
  const message = advise`${optionNamed('notIds', ['x', 'y z'])} does not go with ${optionNamed('to', 'zip')}, but ${chain}`;
  const worded = inOptionWords(new ExrError('usage', 'X', message));
  const text = `--not-ids x --not-ids 'y z' does not go with --to zip, but "drop --layer a --layer 'b c' then repair"`;
  t.equal(isExrError(worded) && worded.message, text);
  t.match(
    eventInOptionWords({
      type: 'frame-failed',
      ...{ index: 0, frame: 1, view: undefined, inputs: [] },
      error: toErrorData(new ExrError('usage', 'X', message)),
    }),
    { error: { message: text, wording: undefined } },
  );
});

t.test('so do notices and the events of a sequence', async (t) => {
  t.same(noticeInOptionWords(makeNotice('note', 'N', advice)), { level: 'note', code: 'N', message: words });
  t.same(noticeInOptionWords(makeNotice('note', 'N', 'plain')), { level: 'note', code: 'N', message: 'plain' });
  const data = toErrorData(error);
  const id = { index: 0, frame: 1, view: undefined, inputs: [] };
  t.match(eventInOptionWords({ type: 'frame-failed', ...id, error: data }), { error: { hint: words } });
  t.match(eventInOptionWords({ type: 'frame-skipped', ...id, reason: 'failed', files: [], error: data }), {
    error: { hint: words, advice: undefined },
  });
});
