/**
 * What a mark holds of a step's options: of files that they name, base names and contents, and not paths. A farm mounts a
 * folder elsewhere on each machine, or copies it for each task, and the same work must have the same mark everywhere.
 */
import type { FilterStep } from '../engine/filter.js';
import type { Limits } from '../format/limits.js';
import { followFrame } from '../io/context.js';
import { isFramePattern } from '../io/frame-path.js';
import type { NamedInput } from '../io/pipeline.js';
import { isExrError } from '../model/error.js';
import type { Header } from '../model/header.js';
import { sha256 } from '../node/digest.js';
import { lookAt } from '../node/files.js';
import { nodeHost } from '../node/host.js';
import { basename } from '../node/paths.js';
import { readExrHeader } from '../node/read-header.js';
import { canonicalText } from './mark.js';

export interface MarkedOptionsSettings {
  /** Whether contents count: the sizes of files, and the attributes of EXR files. Names alone otherwise. */
  readonly contents: boolean;
  readonly limits: Limits | undefined;
}

/**
 * The options of each step for the mark of one frame. A path is replaced by the base name of the file that it stands for on
 * this frame, with the file's size, or for an EXR file a digest of its attributes, which are all that is taken from donors:
 * another render of the same size may have other names.
 * @param inputs the files of the frame; each may have a donor of its own
 */
export async function markedOptions(
  steps: readonly Pick<FilterStep, 'options' | 'describeFiles'>[],
  inputs: readonly NamedInput[],
  settings: MarkedOptionsSettings,
): Promise<readonly unknown[]> {
  if (steps.every(({ describeFiles }) => !describeFiles)) return steps.map(({ options }) => options);
  return Promise.all(
    steps.map(async ({ options, describeFiles }) => {
      if (!describeFiles) return options;
      const paths = new Set<string>();
      describeFiles((path) => paths.add(path));
      const facts = await Promise.all([...paths].map(async (path) => [path, await factsOf(path, inputs, settings)]));
      const known = new Map(facts as [string, unknown][]);
      return describeFiles((path) => known.get(path));
    }),
  );
}

async function factsOf(
  path: string,
  inputs: readonly NamedInput[],
  { contents, limits }: MarkedOptionsSettings,
): Promise<unknown> {
  const pattern = isFramePattern(path);
  const followed = new Set<string>();
  // A name without the frame that the pattern asks for is for the filter to refuse.
  for (const input of pattern ? inputs : inputs.slice(0, 1))
    followed.add(await followFrame(path, input, nodeHost).catch(() => path));
  return Promise.all(
    [...followed].map(async (file) => [basename(file), ...(contents ? [await contentOf(file, !pattern, limits)] : [])]),
  );
}

/** A file's size, or a digest of its attributes; null for what is no file, or is no EXR in spite of its name: the filter refuses it. */
async function contentOf(path: string, isFixed: boolean, limits: Limits | undefined): Promise<unknown> {
  const stats = await lookAt(path);
  if (!stats?.isFile()) return null;
  if (!/\.(exr|sxr)$/i.test(path)) return stats.size;
  const version = `${stats.size} ${stats.mtimeMs}`;
  const known = digests.get(path);
  if (known?.version === version) return known.digest;
  const digest = await digestOf(path, limits);
  // A donor of its own for every frame is not asked for twice.
  if (isFixed) digests.set(path, { version, digest });
  return digest;
}

async function digestOf(path: string, limits: Limits | undefined): Promise<string | null> {
  try {
    return attributesDigest(await readExrHeader(path, limits));
  } catch (error) {
    if (isExrError(error)) return null;
    throw error;
  }
}

function attributesDigest({ parts }: Header): string {
  return sha256(
    canonicalText(
      parts.map(({ name, attributes }) => [name, [...attributes].map(([key, { type, value }]) => [key, type, value])]),
    ),
  );
}

/** Digests of donors that all frames have in common, by their paths. */
const digests = new Map<string, { readonly version: string; readonly digest: string | null }>();
