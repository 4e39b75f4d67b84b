/**
 * Writes docs/reference.md, docs/presets.md, docs/layers.md, docs/pipeline.schema.json and man/exrpipe.1 from the definitions of
 * filters, commands, rules, presets and programs, and the tables of codecs in both README.md (`npm run docs`).
 * With --check nothing is written, and it fails when a page is not what it would write (`npm run docs:check`).
 */
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Topic } from '../bin/commands/help.js';
import { commands } from '../bin/commands/table.js';
import { loadFilters } from '../bin/filters.js';
import { commonOptions } from '../bin/words/common-options.js';
import { letters } from '../bin/words/option-words.js';
import type { Codec } from '../lib/codecs/codec.js';
import { kebabCase } from '../lib/engine/option-text.js';
import { type OptionSpec, type OptionSpecs, takesList } from '../lib/engine/options.js';
import { limitFacts, limitNames } from '../lib/format/limits.js';
import { version } from '../lib/node/version.js';
import { withCodecsTable } from './codecs-table.js';
import { presetsPage, rulesSection } from './cryptomatte-pages.js';
import { layersPage } from './layers-page.js';
import { manPage } from './man-page.js';
import { code, prose, table } from './markdown.js';
import { pipelineSchema } from './pipeline-schema.js';

const docs = new URL('../../docs/', import.meta.url);

const synopsis = [
  'exrpipe FILTER [options] [then FILTER [options]]… [INPUT…] [-o OUTPUT]',
  'exrpipe COMMAND [options]',
];

const filterUsage = '[then FILTER…] [INPUT…] [-o OUTPUT]';

const exitCodes = [
  ['0', 'all done; also when the reader of a pipe has enough'],
  ['1', 'failed: a bad file, an error of the system, a warning with --strict'],
  ['2', 'the command line asks for something impossible'],
  ['3', 'some of several frames failed'],
  ['4', 'another program changed a file that was to be replaced: the file is left, and the result dropped'],
  ['130, 143', 'ended by SIGINT, SIGTERM'],
] as const;

const introduction = `# Reference

Generated from the definitions of filters and commands by \`npm run docs\`; do not edit.

\`\`\`
${synopsis.join('\n')}
\`\`\`

* Filters joined by \`then\` are one chain: headers pass from filter to filter, pixels move once.
* Inputs stand at the end. Without one, or with \`-\`, the image comes from stdin. A word that follows \`NAME=VALUE\` or
  \`GLOB\` arguments is an input when it is \`-\` or ends in \`.exr\`; after \`--\` every word is an input.
* An argument that would be taken for an input or an option can be given by name, the one it has in pipeline files:
  \`drop-attribute --attributes=-x\`.
* Without \`-o\` the image goes to stdout. With it, a folder keeps the names of the inputs; a pattern may hold
  \`{layer}\` or \`{name}\` (a part's name), \`{part}\` (its number), \`{view}\`, \`{stem}\` and \`{frame}\` (from the input's
  name) or \`####\`. Files appear whole or not at all.
* An option's value follows as \`--name value\` or \`--name=value\`.

${table(
  ['exit code', 'when'],
  exitCodes.map(([code, when]) => [code, when.replaceAll('--strict', '`--strict`')]),
)}
Errors, warnings and notes are lines on stderr; stdout carries only data.
`;

async function manual(): Promise<string> {
  const filters = [...(await loadFilters()).values()].map(({ definition }) => ({ ...definition, usage: filterUsage }));
  const others = await Promise.all([...commands.values()].map(async (load) => (await load()).command));
  return manPage({
    version,
    synopsis,
    sections: {
      DESCRIPTION: [
        'Filters joined by "then" are one chain: headers pass from filter to filter, pixels move once, in bounded memory. Inputs stand at the end. Without one, or with -, the image comes from stdin; without -o it goes to stdout.',
        "Several inputs, a folder, a glob or a pattern such as shot.####.exr are a sequence, whose frames are processed concurrently. An output pattern may hold {layer} or {name} (a part's name), {part} (its number), {view}, {stem} and {frame} or ####. Files appear whole or not at all.",
        'Errors, warnings and notes are lines on stderr; stdout carries only data.',
      ],
      ENVIRONMENT: ['NO_COLOR: no colours, as on a stream that is no terminal.'],
    },
    exitCodes,
    common: commonOptions,
    filters,
    commands: others,
  });
}

async function referencePage(): Promise<string> {
  const filters = [...(await loadFilters()).values()].map(({ definition }) => definition);
  const others = await Promise.all([...commands.values()].map(async (load) => (await load()).command));
  return [
    introduction,
    '## Options of every chain\n',
    optionTable(commonOptions),
    limitsSection(),
    '## Filters\n',
    index(filters),
    ...filters.flatMap((filter) => topic(filter, filterUsage)),
    '## Commands\n',
    index(others),
    ...others.flatMap((command) => topic(command, command.usage)),
    rulesSection(),
  ].join('\n');
}

/** What files may claim, from the one table that there is. */
function limitsSection(): string {
  const rows = limitNames.map((name) => {
    const { unit, usual, meaning } = limitFacts[name];
    return [code(name), code(amount(usual, unit)), prose(meaning)];
  });
  return `## Limits

A file is refused before it takes memory where it claims more than these. \`--limit NAME=VALUE\` of every command sets another
value for files that can be trusted, such as \`--limit chunkBytes=2G\`; in the library it is the option \`limits\`. The error
names the limit that was met.

${table(['limit', '', 'what it limits'], rows)}`;
}

function amount(value: number, unit: string): string {
  if (unit !== 'bytes') return String(value);
  return value % 2 ** 30 === 0 ? `${value / 2 ** 30}G` : `${value / 2 ** 20}M`;
}

/** A filter or a command; its usage line stands beside it. */
type Documented = Omit<Topic, 'usage' | 'runsChain'>;

function index(topics: readonly Documented[]): string {
  return `${topics.map(({ name, summary }) => `* [\`${name}\`](#${name}): ${prose(summary)}`).join('\n')}\n`;
}

function topic({ name, summary, description, examples, options }: Documented, usage: string): string[] {
  const bare = Object.values(options)
    .filter(({ positional }) => positional)
    .map((spec) => `${placeholder(spec)}${takesList(spec) ? '…' : ''}`);
  const line = ['exrpipe', name, ...bare, '[options]', usage].filter((word) => word !== '').join(' ');
  const shown = options === commonOptions ? {} : options;
  return [
    `### ${name}\n`,
    `${prose(summary)}.\n`,
    `\`\`\`\n${line}\n\`\`\`\n`,
    ...description.split('\n\n').map((paragraph) => `${prose(paragraph)}\n`),
    ...(Object.keys(shown).length > 0 ? [optionTable(shown)] : ['Takes the options of every chain.\n']),
    `\`\`\`sh\n${examples.map(({ command, what }) => `# ${what}\nexrpipe ${command}`).join('\n')}\n\`\`\`\n`,
  ];
}

function optionTable(specs: OptionSpecs): string {
  const rows = Object.entries(specs).map(([name, spec]) => [
    code(optionName(name, spec)),
    `${prose(spec.summary)}${remarks(spec)}`,
  ]);
  return table(['option', ''], rows);
}

function optionName(name: string, spec: OptionSpec): string {
  if (spec.positional) return placeholder(spec);
  const long = kebabCase(name);
  const letter = Object.entries(letters).find(([, own]) => own === long)?.[0];
  const value = spec.type === 'flag' ? '' : ` ${placeholder(spec)}`;
  return `${letter === undefined ? '' : `-${letter}, `}--${long}${value}`;
}

function placeholder(spec: OptionSpec): string {
  return spec.placeholder ?? spec.type.toUpperCase();
}

function remarks(spec: OptionSpec): string {
  const found = [
    ...('choices' in spec && spec.choices
      ? [`one of ${spec.choices.map((choice) => `\`${choice}\``).join(', ')}`]
      : []),
    ...('required' in spec && spec.required ? ['required'] : []),
    ...('default' in spec && spec.default !== undefined ? [`\`${spec.default}\` without it`] : []),
  ];
  return found.length === 0 ? '' : ` (${found.join('; ')})`;
}

/** As the linter wants JSON files. Biome takes its settings from the folder it runs in, which need not be the project. */
function formatJson(text: string): string {
  const project = fileURLToPath(new URL('..', docs));
  const biome = fileURLToPath(new URL('../node_modules/.bin/biome', docs));
  return execFileSync(biome, ['format', '--stdin-file-path=schema.json'], {
    cwd: project,
    input: text,
    encoding: 'utf8',
  });
}

/** Of a README only the table of codecs is ours. */
async function readme(name: string, only?: (codec: Codec) => boolean): Promise<string> {
  return withCodecsTable(await readFile(new URL(name, docs), 'utf8'), only);
}

const pages = {
  'reference.md': await referencePage(),
  'presets.md': presetsPage(),
  'layers.md': layersPage(),
  'pipeline.schema.json': formatJson(JSON.stringify(pipelineSchema([...(await loadFilters()).values()]))),
  '../man/exrpipe.1': await manual(),
};
const readmes = {
  '../README.md': await readme('../README.md'),
  '../openexr-wasm/README.md': await readme('../openexr-wasm/README.md', ({ decode }) => decode !== undefined),
};
const check = process.argv.includes('--check');
for (const [name, text] of Object.entries({ ...pages, ...readmes })) {
  const path = fileURLToPath(new URL(name, docs));
  if (!check) {
    await writeFile(path, text);
  } else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    console.error(`${join('docs', name)} is not what "npm run docs" writes`);
    process.exitCode = 1;
  }
}
