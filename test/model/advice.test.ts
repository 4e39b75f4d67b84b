import t from 'tap';
import { adviceText, advise, chainOf, optionNamed, stepAfter, stepOf } from '../../lib/model/advice.js';
import { ExrError } from '../../lib/model/error.js';
import { fromErrorData, toErrorData, toTracedErrorData } from '../../lib/model/error-data.js';

const advice = advise`Use ${stepOf('merge', { as: 'parts', notIds: ["a'b", 'c'] })}, ${stepAfter('compress', { to: 'zip' })}, ${stepOf('inject-manifest')} or ${optionNamed('allowLossy')}.`;
const text =
  "Use `merge({ as: 'parts', notIds: ['a\\'b', 'c'] })`, `compress({ to: 'zip' })`, `injectManifest` or `allowLossy`.";

t.test('the library says it in names of functions and options', async (t) => {
  t.equal(adviceText(advice), text);
  t.equal(adviceText('plain'), 'plain');
  t.equal(adviceText(advise`${stepOf('repair', { embed: true })}`), '`repair({ embed: true })`');
  t.equal(adviceText(advise`Use ${optionNamed('notIds', ['a', 'b'])}.`), "Use `notIds: ['a', 'b']`.");
  t.equal(adviceText(advise`${chainOf(stepOf('merge'), stepOf('repair'))} of ${2}`), '`merge` then `repair` of 2');
  t.equal(adviceText(advise`do ${advise`this with ${optionNamed('to', 'x')}`}`), "do this with `to: 'x'`");
});

t.test('an error carries it through places, events and threads', async (t) => {
  const error = new ExrError('usage', 'X', advise`no: ${advice}`, { hint: advice });
  t.equal(error.hint, text);
  t.equal(error.message, `no: ${text}`);
  for (const one of [
    error.at({ file: 'a' }),
    fromErrorData(structuredClone(toErrorData(error))),
    fromErrorData(structuredClone(toTracedErrorData(error))),
  ]) {
    t.equal(one.hint, text);
    t.same(one.advice, advice);
    t.equal(one.message, `no: ${text}`);
    t.same(one.wording, ['no: ', ...advice]);
  }
  const plain = new ExrError('usage', 'X', 'x', { hint: 'plain' });
  t.same([plain.advice, plain.wording], [undefined, undefined]);
});
