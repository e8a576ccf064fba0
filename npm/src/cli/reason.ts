/** Errors of the system in words. */

/** Meaning of an error; of one of the system by its code, with the file or the address that it is about. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const meaning = code !== undefined && Object.hasOwn(MEANINGS, code) ? MEANINGS[code] : undefined;
  const subject = path ?? place(address, port);
  if (meaning === undefined) return error.message;
  if (subject === null) return meaning;
  return `${path === undefined ? subject : `'${subject}'`}: ${meaning}`;
}

const MEANINGS: Record<string, string> = {
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  EISDIR: 'that is a folder, not a file',
  EACCES: 'not permitted (EACCES)',
  EPERM: 'not permitted (EPERM)',
  EROFS: 'nothing can be written there',
  ENOSPC: 'no space is left there',
  EIO: 'the device fails (EIO)',
  ELOOP: 'its links lead in a circle',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EADDRINUSE: 'another program has this port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Address and port as they are written together; port 0 is any. */
function place(address: string | undefined, port: number | undefined): string | null {
  if (address === undefined) return null;
  if (!port) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
