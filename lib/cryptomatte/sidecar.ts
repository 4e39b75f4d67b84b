/** Sidecar files: manifests beside the picture, named by `manif_file` relative to it (specification 1.2.0). */
import { ExrError } from '../model/error.js';

/** Why a `manif_file` must not be followed, undefined when it may be. A file from a stranger must not lead out of its folder. */
export function sidecarProblem(value: string): string | undefined {
  if (value === '') return 'it is empty';
  if (value.includes('\0')) return 'it contains a zero byte';
  if (value.includes('\\')) return 'it contains a backslash, where the specification wants "/"';
  if (value.startsWith('/') || /^[A-Za-z]:/.test(value)) return 'it is an absolute path';
  const pieces = value.split('/');
  if (pieces.includes('..')) return 'it leads out of the folder of the picture';
  if (pieces.includes('.') || pieces.includes('')) return 'it contains an empty or "." step';
  if (!/\.json$/i.test(value)) return 'it does not end in .json';
  return undefined;
}

/** The path of a sidecar. Throws `invalid` for a name that must not be followed. */
export function sidecarPath(picture: string, value: string): string {
  const problem = sidecarProblem(value);
  if (problem !== undefined)
    throw new ExrError('invalid', 'BAD_SIDECAR_NAME', `the sidecar "${value}" is not opened: ${problem}`, {
      hint: 'Name the file with "inject-manifest --sidecar".',
    });
  const folder = /^.*[/\\]/s.exec(picture)?.[0] ?? '';
  return folder + value;
}

/** The name Arnold gives a sidecar: the picture's, the layer's, `.json`. */
export function sidecarName(stem: string, layer: string): string {
  return `${stem}.${layer.replace(/[^\p{L}\p{N}._-]/gu, '_')}.json`;
}
