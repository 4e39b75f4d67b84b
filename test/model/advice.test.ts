import t from 'tap';
import { adviceText, advise, optionNamed, stepAfter, stepOf } from '../../lib/model/advice.js';
import { ExrError } from '../../lib/model/error.js';
import { fromErrorData, toErrorData, toTracedErrorData } from '../../lib/model/error-data.js';

const advice = advise`Use ${stepOf('merge', { as: 'parts', notIds: ["a'b", 'c'] })}, ${stepAfter('compress', { to: 'zip' })}, ${stepOf('inject-manifest')} or ${optionNamed('allowLossy')}.`;
const text =
  "Use `merge({ as: 'parts', notIds: ['a\\'b', 'c'] })`, `compress({ to: 'zip' })`, `injectManifest` or `allowLossy`.";

t.test('the library says it in names of functions and options', async (t) => {
  t.equal(adviceText(advice), text);
  t.equal(adviceText('plain'), 'plain');
  t.equal(adviceText(advise`${stepOf('repair', { embed: true })}`), '`repair({ embed: true })`');
});

t.test('an error carries it through places, events and threads', async (t) => {
  const error = new ExrError('usage', 'X', 'x', { hint: advice });
  t.equal(error.hint, text);
  for (const one of [
    error.at({ file: 'a' }),
    fromErrorData(structuredClone(toErrorData(error))),
    fromErrorData(structuredClone(toTracedErrorData(error))),
  ]) {
    t.equal(one.hint, text);
    t.same(one.advice, advice);
  }
  t.equal(new ExrError('usage', 'X', 'x', { hint: 'plain' }).advice, undefined);
});
