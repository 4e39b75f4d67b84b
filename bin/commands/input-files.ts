/** The files that an input of `info` or `validate` stands for. */
import { findInput, noFiles } from '../../lib/program.js';

export interface InputFile {
  readonly path: string;
  readonly stem: string;
  readonly frame: number | undefined;
}

/** The input itself, or the files of a folder, glob or frame pattern. Throws when there are none: nothing checked is no success. */
export async function inputFiles(input: string): Promise<readonly InputFile[]> {
  if (input === '-') return [{ path: '-', stem: 'stdin', frame: undefined }];
  const files = (await findInput(input)).flatMap((sequence) => sequence.files);
  if (files.length === 0) throw noFiles(input);
  return files;
}
