import t from 'tap';
import { filters } from '../../filters/index.js';
import { checkOptions, fileOptions, type OptionSpecs, takesList } from '../../lib/engine/options.js';

const specs = {
  from: { type: 'files', summary: 'files to read' },
  preset: { type: 'file', names: ['nuke'], summary: 'a name or a file' },
  report: { type: 'file', writes: true, summary: 'a file to write' },
  text: { type: 'text', summary: 'text' },
  texts: { type: 'list', summary: 'texts' },
} as const satisfies OptionSpecs;

t.test('names of files are plain text to filters', async (t) => {
  const { from, preset, report } = checkOptions('probe', specs, { from: 'a.exr', preset: 'own.yaml' });
  const values: { from: readonly string[]; preset: string | undefined; report: string | undefined } = {
    from,
    preset,
    report,
  };
  t.strictSame(values, { from: ['a.exr'], preset: 'own.yaml', report: undefined });
  t.strictSame(checkOptions('probe', specs, {}), { from: [], texts: [] });
  t.throws(() => checkOptions('probe', specs, { from: [] }), { message: /"from" is text or a list of texts/ });
  t.throws(() => checkOptions('probe', specs, { preset: ['a'] }), { message: /"preset" is text, not/ });
  const needed = { from: { type: 'files', required: true, summary: 'needed' } } as const satisfies OptionSpecs;
  t.throws(() => checkOptions('probe', needed, {}), { message: /needs the option "from"/ });
  t.strictSame(
    Object.entries(specs).flatMap(([name, spec]) => (takesList(spec) ? [name] : [])),
    ['from', 'texts'],
  );
});

t.test('the files that a step reads', async (t) => {
  t.strictSame(fileOptions(specs, {}), []);
  t.strictSame(
    fileOptions(specs, {
      from: ['b.####.exr', '-', 'a.exr'],
      preset: 'own.yaml',
      report: 'r.json',
      text: 't',
      texts: ['u'],
    }),
    ['b.####.exr', 'a.exr', 'own.yaml'],
  );
  t.strictSame(fileOptions(specs, { from: 'a.exr', preset: 'nuke' }), ['a.exr'], 'a name is no file');
});

t.test('filters say which of their options name files', async (t) => {
  const named = filters.flatMap(({ definition: { name, options } }) =>
    Object.entries(options).flatMap(([option, { type }]) =>
      type === 'file' || type === 'files' ? [`${name} ${option}`] : [],
    ),
  );
  t.strictSame(named, [
    'rename preset',
    'rename fromPreset',
    'inject-manifest from',
    'inject-manifest sidecar',
    'inject-manifest names',
    'inject-manifest blend',
    'inject-manifest scene',
    'copy-attributes from',
  ]);
});
