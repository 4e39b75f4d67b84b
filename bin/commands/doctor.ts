/** `exrpipe doctor`: whether exrpipe can work here, and with what. */

import { printable } from '../../lib/format/index.js';
import type { OptionSpecs } from '../../lib/index.js';
import { examine, type Health, megabytes } from '../../lib/program.js';
import { jsonLine } from '../terminal/json.js';
import { noticeInOptionWords } from '../terminal/option-hints.js';
import { exitCodes } from '../terminal/reporter.js';
import { writeStdout } from '../terminal/stdout.js';
import { alignColumns } from '../terminal/table.js';
import { helpOption } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';

const options = {
  json: { type: 'flag', summary: 'print one line of JSON (docs/json.md)' },
  ...helpOption,
} as const satisfies OptionSpecs;

export const command: Command = {
  name: 'doctor',
  summary: 'Check whether exrpipe can work on this machine',
  description: [
    'Prints the versions of exrpipe and Node, threads, memory and the folder for temporary files, and what is wrong with them. It packs a pixel on a thread and writes a temporary file to find out.',
    'The exit code is 1 when something is wrong that stops the work.',
  ].join('\n\n'),
  usage: '',
  examples: [
    { command: 'doctor', what: 'for a bug report' },
    { command: 'doctor --json | jq .problems', what: 'for programs that start exrpipe' },
  ],
  options,
  async run(words) {
    const { values, bare } = readWords(words, options, 'doctor');
    if (bare.length > 0) throw usageError(`doctor: unexpected "${bare[0]}"`);
    const found = await examine();
    const health = { ...found, problems: found.problems.map(noticeInOptionWords) };
    await writeStdout(values.json ? jsonLine(health) : `${healthText(health)}\n`);
    return health.problems.some(({ severity }) => severity === 'error') ? exitCodes.failed : exitCodes.ok;
  },
};

/** A report as lines of text, without a newline at its end. */
export function healthText({ version, node, platform, arch, threads, memory, temporary, problems }: Health): string {
  const { total, available, limit } = memory;
  const rows = [
    ['exrpipe', version],
    ['Node', `${node}, ${platform} ${arch}`],
    ['threads', String(threads)],
    [
      'memory',
      `${megabytes(available)} available of ${megabytes(total)}${limit === undefined ? '' : `, limited to ${megabytes(limit)}`}`,
    ],
    [
      'temporary files',
      `${temporary.folder}${temporary.free === undefined ? '' : `, ${megabytes(temporary.free)} free`}`,
    ],
  ];
  const found = problems.map(({ severity, message }) => printable(`${severity}: ${message}`));
  return [...alignColumns(rows), ...(found.length > 0 ? found : ['no problems found'])].join('\n');
}
