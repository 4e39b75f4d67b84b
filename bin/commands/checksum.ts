/** `exrpipe checksum`: whether files hold the same pixels. */

import { firstFew, makeLimits, makeStringAttribute, printable, stringAttribute } from '../../lib/format/index.js';
import {
  type ExrDocument,
  ExrError,
  type Limits,
  type OptionSpecs,
  type OptionValues,
  writeDocument,
} from '../../lib/index.js';
import { type ChannelDigest, channelDigests, formatDigests, parseDigests } from '../../lib/look.js';
import { readSideFile, withPlace } from '../../lib/program.js';
import { exitCodes } from '../terminal/reporter.js';
import type { Session } from '../terminal/session.js';
import { writeStdout } from '../terminal/stdout.js';
import { helpOption, limitOption, limitsOf } from '../words/common-options.js';
import { readWords } from '../words/option-words.js';
import { usageError } from '../words/usage.js';
import type { Command } from './command.js';
import { inputFiles } from './input-files.js';
import { withInput } from './look/open.js';

/** The attribute that holds the list, in the first part. */
export const checksumAttribute = 'exrpipe/checksum';

const options = {
  against: {
    type: 'file',
    placeholder: 'FILE',
    summary: 'a list that this command wrote, or an EXR: do the files together hold its pixels?',
  },
  check: { type: 'flag', summary: 'do the pixels of each file agree with the list in its own header?' },
  output: {
    type: 'file',
    writes: true,
    placeholder: 'PATH',
    summary: `write the EXR with the list in its header (attribute ${checksumAttribute})`,
  },
  quiet: { type: 'flag', summary: 'print nothing if everything matches' },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

type Values = OptionValues<typeof options>;

export const command: Command = {
  name: 'checksum',
  summary: 'Write and check digests of the pixels, however they are stored',
  description: [
    'Prints a line for each channel: the SHA-256 of its samples at full resolution, its data window, type and name. The digest does not depend on codec, tiles, order of lines, names or parts: a file that was renamed, split, merged and stored in another lossless compression has the same ones. docs/checksum.md describes how it is made.',
    '--against reports whether some files together hold every channel of a list or of another EXR, bit for bit; channels beyond these are noted. With -o the list goes into the header, where it stays as the file is edited; --check compares.',
    'The exit code is 1 where pixels are missing or changed.',
  ].join('\n\n'),
  usage: 'FILE…',
  examples: [
    { command: 'checksum render.0001.exr > render.0001.txt', what: 'before' },
    { command: 'checksum --against render.0001.txt out/*.0001.exr', what: 'after: nothing is lost or changed' },
    { command: 'checksum render.0001.exr -o signed.0001.exr', what: 'with the list in the header' },
    { command: "checksum --check 'out/*.exr'", what: 'files made from such a file' },
  ],
  options,
  runsChain: true,
  async run(words, session) {
    const { values, bare } = readWords(words, options, 'checksum');
    const files = (await Promise.all((bare.length > 0 ? bare : ['-']).map(inputFiles))).flat().map(({ path }) => path);
    const modes = [values.against, values.check || undefined, values.output].filter((mode) => mode !== undefined);
    if (modes.length > 1) throw usageError('--against, --check and -o exclude each other');
    if (values.against !== undefined) return compare(values.against, files, values, session);
    if (values.check) return checkOwn(files, values, session);
    if (values.output !== undefined) return sign(files, values.output, values, session);
    for (const file of files)
      await withDigests(file, values, session, async (_, digests) => {
        await writeStdout(`${files.length > 1 ? `# ${printable(file)}\n` : ''}${formatDigests(digests)}`);
      });
    return exitCodes.ok;
  },
};

/** Opens a file, reads its pixels, and closes it. */
async function withDigests<Result>(
  file: string,
  { limit }: Values,
  { signal }: Session,
  use: (document: ExrDocument, digests: readonly ChannelDigest[]) => Promise<Result>,
): Promise<Result> {
  const limits: Limits = makeLimits(limitsOf(limit));
  return withInput(file, limits, async (document) => {
    // Of stdin the pixels are read once for this, and once to be written.
    await document.source.makeRandom();
    return use(document, await channelDigests(document, { signal, limits }));
  });
}

function digestsOf(file: string, values: Values, session: Session): Promise<readonly ChannelDigest[]> {
  return withDigests(file, values, session, async (_, digests) => digests);
}

/** What makes two channels the same pixels in the same place. */
function keyOf({ digest, window }: ChannelDigest): string {
  return `${digest} ${window}`;
}

async function compare(against: string, files: readonly string[], values: Values, session: Session): Promise<number> {
  const expected = /\.(exr|sxr)$/i.test(against)
    ? await digestsOf(against, values, session)
    : await readList(against, values);
  const found: ChannelDigest[] = [];
  for (const file of files) found.push(...(await digestsOf(file, values, session)));
  const there = new Set(found.map(keyOf));
  const known = new Set(expected.map(keyOf));
  const missing = expected.filter((one) => !there.has(keyOf(one)));
  const extra = found.filter((one) => !known.has(keyOf(one)));
  if (extra.length > 0 && !values.quiet)
    session.reporter.notice({
      level: 'note',
      code: 'OTHER_CHANNELS',
      message: `${extra.length} channels are not among those of ${against}: ${names(extra)}`,
    });
  if (missing.length > 0)
    throw new ExrError(
      'invalid',
      'PIXELS_DIFFER',
      `${missing.length} of ${expected.length} channels of ${against} are missing or changed: ${names(missing)}`,
    );
  if (!values.quiet)
    await writeStdout(`all ${expected.length} channels of ${printable(against)} are present, bit for bit\n`);
  return exitCodes.ok;
}

async function readList(path: string, { limit }: Values): Promise<readonly ChannelDigest[]> {
  const text = Buffer.from(await readSideFile(path, makeLimits(limitsOf(limit)))).toString('utf8');
  try {
    return parseDigests(text);
  } catch (error) {
    throw withPlace(error, { file: path });
  }
}

async function checkOwn(files: readonly string[], values: Values, session: Session): Promise<number> {
  let failed = 0;
  for (const file of files)
    try {
      await withDigests(file, values, session, async ({ header }, digests) => {
        const list = header.parts.flatMap(({ attributes }) => stringAttribute(attributes.get(checksumAttribute)) ?? []);
        if (list.length === 0)
          throw new ExrError('invalid', 'NO_CHECKSUM', 'the header has no list of checksums', {
            hint: 'Write one with "exrpipe checksum FILE -o OUTPUT".',
          });
        const listed = list.flatMap(parseDigests);
        const known = new Set(listed.map(keyOf));
        const changed = digests.filter((one) => !known.has(keyOf(one)));
        if (changed.length > 0)
          throw new ExrError(
            'invalid',
            'PIXELS_DIFFER',
            `${changed.length} of ${digests.length} channels differ from the list in the header: ${names(changed)}`,
          );
        if (!values.quiet)
          await writeStdout(`${printable(file)}: ${digests.length} of ${listed.length} channels, all as they were\n`);
      });
    } catch (error) {
      session.signal.throwIfAborted();
      failed += 1;
      session.reporter.error(error);
    }
  return failed === 0 ? exitCodes.ok : exitCodes.failed;
}

async function sign(files: readonly string[], output: string, values: Values, session: Session): Promise<number> {
  const [file = '-', ...others] = files;
  if (others.length > 0) throw usageError('checksum -o takes one file');
  await withDigests(file, values, session, async (document, digests) => {
    const { header } = document;
    const list = makeStringAttribute(formatDigests(digests));
    const parts = header.parts.map((part, number) => ({
      ...part,
      attributes:
        number === 0 ? part.attributes.with(checksumAttribute, list) : part.attributes.without(checksumAttribute),
    }));
    const { signal } = session;
    await writeDocument({ ...document, header: { ...header, parts } }, output, { signal });
  });
  return exitCodes.ok;
}

function names(digests: readonly ChannelDigest[]): string {
  return firstFew(
    digests.map(({ name }) => name),
    ', ',
  );
}
