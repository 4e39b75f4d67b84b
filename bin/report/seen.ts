import { describeSeen } from '../../lib/cryptomatte/index.js';
import { openExr } from '../../lib/index.js';
import { type Program, programs } from '../../lib/layers/index.js';
import type { ProgramView, SeenFile } from './model.js';

type SeenHeader = Parameters<typeof describeSeen>[0];

/** The programs that are asked about: all where none is named. */
export function askedPrograms(targets: readonly Program[]): readonly Program[] {
  return targets.length > 0 ? targets : programs;
}

/** What each program makes of a header. */
export function seenFile(file: string, header: SeenHeader, targets: readonly Program[] = []): SeenFile {
  return { file, programs: askedPrograms(targets).map((program) => viewOf(header, program)) };
}

/** The same of a file; undefined where it cannot be read, which others report. */
export async function lookInto(file: string): Promise<SeenFile | undefined> {
  const document = await openExr(file, { holes: true }).catch(() => undefined);
  if (!document) return undefined;
  try {
    return seenFile(file, document.header);
  } finally {
    await document.source.close();
  }
}

function viewOf(header: SeenHeader, program: Program): ProgramView {
  const { label, reader, refused, layers, hidden, cryptomattes } = describeSeen(header, program);
  return {
    program: label,
    reader,
    refused,
    layers: layers.map(({ name, view }) => `${name === '' ? '(no name)' : name}${view ? ` (${view})` : ''}`),
    hidden,
    frames: '',
    cryptomattes: cryptomattes.map(({ name = '(no name)', listed, works, problem }) => ({
      name: listed ?? name,
      problem: works ? undefined : (problem?.text ?? 'it does not work'),
    })),
  };
}
