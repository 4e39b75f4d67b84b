/** docs/pipeline.schema.json and the reader of pipeline files agree on what is a pipeline file. */
import { readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import t from 'tap';
import { parse } from 'yaml';
import { filters } from '../../filters/index.js';
import { parsePipeline } from '../../lib/sequence/pipeline-file.js';
import { pipelineSchema } from '../../scripts/pipeline-schema.js';

const table = new Map(filters.map((filter) => [filter.definition.name, filter]));
const docs = new URL('../../../docs/', import.meta.url);
const validate = new Ajv2020().compile(pipelineSchema(filters));

/** Whether the reader takes a text, and whether the schema does. */
function verdicts(text: string): { reader: boolean; schema: boolean } {
  const schema = validate(parse(text));
  try {
    const parsed = parsePipeline(text, 'p.yaml');
    // Filters of plug-ins nobody knows here.
    if (parsed.settings.plugins.length === 0) parsed.steps(table);
    return { reader: true, schema };
  } catch {
    return { reader: false, schema };
  }
}

t.test('what is on the page is valid', async (t) => {
  const blocks = [...(await readFile(new URL('pipelines.md', docs), 'utf8')).matchAll(/^```yaml\n(.*?)^```/gms)]
    .map(([, text = '']) => text)
    .filter((text) => /^pipeline:/m.test(text));
  t.ok(blocks.length >= 2);
  for (const text of blocks) t.same(verdicts(text), { reader: true, schema: true }, text);
});

t.test('both accept the same', async (t) => {
  for (const [text, good] of [
    ['pipeline: [repair]', true],
    ['pipeline: [repair:]', true],
    ['pipeline:\n  - repair:\n  - split: { by: layer }', true],
    ['pipeline:\n  - rename: { strip-prefix: 0101, map: [a=b, c=d] }\n', true],
    ['inputs: [a.exr, b.exr]\noutput: out/\nframes: 7\npipeline: [repair]', true],
    ['plugins: ./a.js\npipeline: [mine, { other: { x: 1 } }]', true],
    ['pipeline: []', false],
    ['pipeline: [unknown]', false],
    ['pipeline: [compress]', false],
    ['pipeline: [compress:]', false],
    ['pipeline: [{ repair: {}, split: { by: layer } }]', false],
    ['pipeline: [{ rename: { strip-prefx: a } }]', false],
    ['pipeline: [{ split: { by: colour } }]', false],
    ['pipeline: [{ compress: { to: zip, level: a } }]', false],
    ['inputs: []\npipeline: [repair]', false],
    ['input: a.exr\npipeline: [repair]', false],
    ['output: [a]\npipeline: [repair]', false],
    ['inputs: a.exr', false],
    ['[repair]', false],
  ] as const)
    t.same(verdicts(text), { reader: good, schema: good }, text);
});
