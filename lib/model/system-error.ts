/** What the operating system's refusals mean to a user, and what to do about them. Codes as in errno(3). */
interface Meaning {
  readonly message: string;
  readonly hint?: string;
}

const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['ENOENT', { message: 'there is no such file', hint: 'Check the name and the folder.' }],
  ['ENOTDIR', { message: 'a part of the path is a file, not a folder' }],
  ['EISDIR', { message: 'this is a folder, not a file' }],
  ['EACCES', { message: 'permission denied', hint: 'Check who may read or write there.' }],
  ['EPERM', { message: 'the system does not permit it', hint: 'Check who may read or write there.' }],
  ['EROFS', { message: 'the disk can only be read', hint: 'Write somewhere else.' }],
  ['ENOSPC', { message: 'the disk is full', hint: 'Free some space, or write somewhere else.' }],
  ['EDQUOT', { message: 'your share of the disk is used up', hint: 'Free some space, or write somewhere else.' }],
  ['EFBIG', { message: 'the file is too large for this disk' }],
  ['EMFILE', { message: 'too many files are open', hint: 'Use fewer --jobs, or raise the limit with "ulimit -n".' }],
  ['ENAMETOOLONG', { message: 'the name is too long for this disk' }],
  ['ELOOP', { message: 'its symbolic links lead in a circle' }],
  ['EIO', { message: 'the disk or the network failed', hint: 'Try again, and check the disk.' }],
  ['ESTALE', { message: 'the file was replaced or removed on its server', hint: 'Try again.' }],
]);

/** The code of an error of the operating system, and in words what it means, as far as we know. */
export function explainSystemError(error: unknown): { readonly code: string } & Meaning {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNEXPECTED';
  return { code, ...(meanings.get(code) ?? { message: withoutPath(message) }) };
}

/** Node ends its messages with the call and the path: `EBUSY: resource busy, open 'x.exr'`. The place says it already. */
function withoutPath(message: string): string {
  return message.replace(/^([A-Z0-9]+: [^,]+), \w+ '.*'$/s, '$1');
}
