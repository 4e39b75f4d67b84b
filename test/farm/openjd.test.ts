/** Job bundles: openjd check and openjd run judge them too, in npm run check:farms. */
import fc from 'fast-check';
import t from 'tap';
import { parse } from 'yaml';
import type { FarmJob } from '../../lib/farm/job.js';
import { openjd } from '../../lib/farm/openjd.js';
import { parseFrames } from '../../lib/sequence/frames.js';
import { makeJob } from './jobs.js';

interface Template {
  readonly extensions?: readonly string[];
  readonly description: string;
  readonly parameterDefinitions: readonly { readonly name: string; readonly type: string; readonly default?: string }[];
  readonly steps: readonly {
    readonly name: string;
    readonly parameterSpace?: {
      readonly taskParameterDefinitions: readonly { readonly type: string; readonly range: unknown }[];
    };
    readonly script: { readonly actions: { readonly onRun: { readonly args: readonly string[] } } };
  }[];
}

function emit(job: FarmJob, plain = false): { template: Template; values: Map<string, string> } {
  const { files } = openjd.emit(job, { plain });
  const text = (name: string): string => files.find((file) => file.name === name)?.text ?? '';
  const { parameterValues } = parse(text('parameter_values.yaml')) as {
    parameterValues: { name: string; value: string }[];
  };
  return {
    template: parse(text('template.yaml')),
    values: new Map(parameterValues.map(({ name, value }) => [name, value])),
  };
}

/** An argument as a runner resolves it: parameters are replaced once, and what they hold is not looked at again. */
function resolve(argument: string, { template, values }: ReturnType<typeof emit>): string {
  return argument.replaceAll(/\{\{Param\.(\w+)\}\}/g, (_, name: string) => {
    const found = values.get(name) ?? template.parameterDefinitions.find((one) => one.name === name)?.default;
    if (found === undefined) throw new Error(`no parameter ${name}`);
    return String(found);
  });
}

t.test('a task is the chain with its frames, and paths are parameters', async (t) => {
  const emitted = emit(makeJob());
  const [frames, check, report] = emitted.template.steps;
  t.strictSame(
    frames?.script.actions.onRun.args.map((word) => resolve(word, emitted)),
    [
      ...['inject-manifest', '--from', "/prod/it's.exr", '--add-prefix=a b', '-o', '/prod/out/{layer}/lost.####.exr'],
      ...[
        '--frames',
        '{{Task.Param.Frame}}',
        '--skip-existing',
        '--report',
        '/jobs/a b/reports/',
        '--progress',
        'openjd',
      ],
      '/prod/my shot/lost.####.exr',
    ],
  );
  t.strictSame(
    check?.script.actions.onRun.args.map((word) => resolve(word, emitted)),
    [...['validate', '--quiet', '--frames', '1-24', '--progress', 'openjd', '/prod/out/*/lost.####.exr']],
  );
  t.equal(report?.name, 'Report');
  t.strictSame(emitted.template.extensions, ['TASK_CHUNKING']);
  for (const { name, type } of emitted.template.parameterDefinitions)
    t.equal(type === 'PATH', emitted.values.has(name), `${name}: paths, and nothing else, have values of their own`);
});

t.test('without extensions, tasks are a list of chunks', async (t) => {
  const { template } = emit(makeJob({ frames: parseFrames('1-9x2,20') }), true);
  t.equal(template.extensions, undefined);
  const [space] = template.steps[0]?.parameterSpace?.taskParameterDefinitions ?? [];
  t.equal(space?.type, 'STRING');
  t.strictSame(space?.range, ['1-5:2', '7,9,20']);
});

t.test('a list of chunks has no more entries than a template may have', async (t) => {
  const frames = Array.from({ length: 5000 }, (_, at) => at);
  const [space] =
    emit(makeJob({ frames, framesPerTask: 1 }), true).template.steps[0]?.parameterSpace?.taskParameterDefinitions ?? [];
  const range = space?.range as readonly string[];
  t.equal(range.length, 1024);
  t.strictSame(
    range.flatMap((chunk) => parseFrames(chunk)),
    frames,
  );
});

t.test('whatever a word is, a runner makes it again', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{{',
      '}}',
      'Param.From',
      '{layer}',
      '{',
      ' ',
      '\n',
      'ü',
      '"',
      "'",
      '\\',
      '#',
      ': ',
      '- ',
      'a',
      ' \n',
      '|',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }).filter((text) => text.isWellFormed()),
  );
  const words = fc.array(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
    { maxLength: 12 },
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(words, (chain) => {
        const emitted = emit(makeJob({ chain }));
        const args = emitted.template.steps[0]?.script.actions.onRun.args.slice(0, chain.length) ?? [];
        for (const argument of args)
          if (argument.replaceAll(/\{\{(?:Task\.)?Param\.\w+\}\}/g, '').includes('{{'))
            throw new Error(`not escaped: ${argument}`);
        if (JSON.stringify(args.map((word) => resolve(word, emitted))) !== JSON.stringify(chain))
          throw new Error(JSON.stringify({ args, chain }));
      }),
    ),
  );
});

t.test('words that older YAML reads as something else are texts', async (t) => {
  const chain = [
    'yes',
    'No',
    'on',
    'y',
    '1:30',
    '01:00:00:00',
    '2026-01-01',
    '1_0',
    '0o7',
    '0x1f',
    '.5',
    '~',
    'null',
    '1e3',
    '-',
    '=',
  ];
  for (const version of ['1.1', '1.2'] as const) {
    const { files } = openjd.emit(makeJob({ chain, name: 'off' }), { plain: false });
    const template = parse(files[0]?.text ?? '', { version }) as Template;
    t.strictSame(template.steps[0]?.script.actions.onRun.args.slice(0, chain.length), chain, version);
    t.equal(template.parameterDefinitions[0]?.default, 'off');
  }
});

t.test('limits of templates are refused before a farm does', async (t) => {
  const texts = Array.from({ length: 60 }, (_, at) => `{{${at}`);
  t.throws(() => emit(makeJob({ chain: texts })), { code: 'BAD_FARM_JOB', message: /parameters/ });
  const gaps = Array.from({ length: 800 }, (_, at) => at * 7 + (at % 3));
  t.throws(() => emit(makeJob({ frames: gaps })), { code: 'BAD_FARM_JOB', message: /characters/ });
  t.throws(() => emit(makeJob({ chain: [`{{${'x'.repeat(1023)}`] })), { code: 'BAD_FARM_JOB' });
  t.ok(emit(makeJob({ command: 'x'.repeat(5000) })).template.description.length <= 2048);
});
