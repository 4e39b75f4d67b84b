import { type Advice, advise, optionNamed } from './advice.js';

/** What the operating system's refusals mean to a user, and what to do about them. Codes as in errno(3). */
interface Meaning {
  readonly message: string;
  readonly hint?: string | Advice;
}

const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['ENOENT', { message: 'there is no such file', hint: 'Check the name and the folder.' }],
  ['ENOTDIR', { message: 'a part of the path is a file, not a folder' }],
  ['EEXIST', { message: 'something with this name already exists', hint: 'Choose another name, or remove it.' }],
  ['EISDIR', { message: 'this is a folder, not a file' }],
  ['EACCES', { message: 'permission denied', hint: 'Check who may read or write there.' }],
  ['EPERM', { message: 'the system does not permit it', hint: 'Check who may read or write there.' }],
  ['EROFS', { message: 'the file system is read-only', hint: 'Write somewhere else.' }],
  ['ENOSPC', { message: 'the disk is full', hint: 'Free some space, or write somewhere else.' }],
  ['EDQUOT', { message: 'your share of the disk is used up', hint: 'Free some space, or write somewhere else.' }],
  ['EFBIG', { message: 'the file is too large for this disk' }],
  [
    'EMFILE',
    {
      message: 'too many files are open',
      hint: advise`Use fewer ${optionNamed('jobs')}, or raise the limit with "ulimit -n".`,
    },
  ],
  ['ENAMETOOLONG', { message: 'the name is too long for this disk' }],
  ['ELOOP', { message: 'its symbolic links lead in a circle' }],
  ['EIO', { message: 'the disk or the network failed', hint: 'Try again, and check the disk.' }],
  ['EBUSY', { message: 'another program is using it', hint: 'Close it there, and try again.' }],
  ['ETXTBSY', { message: 'a program is running from it' }],
  ['ENFILE', { message: 'the system has too many files open', hint: advise`Use fewer ${optionNamed('jobs')}.` }],
  [
    'ENOMEM',
    {
      message: 'the system has no memory left',
      hint: advise`Use fewer ${optionNamed('jobs')}, or less ${optionNamed('memory')}.`,
    },
  ],
  ['ENXIO', { message: 'there is no device or reader behind this name' }],
  ['ENODEV', { message: 'there is no such device' }],
  ['ENOTEMPTY', { message: 'the folder is not empty' }],
  ['EXDEV', { message: 'it is on another disk' }],
  ['EINVAL', { message: 'the system does not accept this name or place' }],
  ['EILSEQ', { message: 'the disk does not accept the characters of this name' }],
  ['ENOTSUP', { message: 'the disk cannot do this' }],
  ['EPIPE', { message: 'the reader has closed it' }],
  ['ECONNRESET', { message: 'the other side has closed the connection' }],
  ['ETIMEDOUT', { message: 'the disk or the network does not answer', hint: 'Try again.' }],
  ['EHOSTDOWN', { message: 'the server is down', hint: 'Try again.' }],
  ['EHOSTUNREACH', { message: 'the server cannot be reached', hint: 'Try again.' }],
  ['ENOTCONN', { message: 'the connection to the server is gone', hint: 'Is it still mounted?' }],
  ['ESTALE', { message: 'the file was replaced or removed on its server', hint: 'Try again.' }],
]);

/**
 * Whether an error is a refusal of the operating system, or of a stream that was closed at its other end. Both have a code;
 * so have errors of Node about wrong arguments, which are faults of the program.
 */
export function isSystemError(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  if ('syscall' in error) return true;
  return /^E[A-Z0-9]+$/.test(error.code) || /^ERR_STREAM_(PREMATURE_CLOSE|DESTROYED)$/.test(error.code);
}

/** The code of an error of the operating system, and its meaning in words, if known. */
export function explainSystemError(error: unknown): { readonly code: string } & Meaning {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNEXPECTED';
  return { code, ...(meanings.get(code) ?? { message: withoutPath(message) }) };
}

/** Node ends its messages with the call and the path: `EBUSY: resource busy, open 'x.exr'`. The place already gives that. */
function withoutPath(message: string): string {
  return message.replace(/^([A-Z0-9]+: [^,]+), \w+ '.*'$/s, '$1');
}
