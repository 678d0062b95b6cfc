// Why the operating system refused a file or folder, without the names of error codes.

/** A clause about the path that the error names: `permission denied`. */
export function systemReason(error: unknown): string {
  const { code = "", message = String(error) } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}

/** The same with the path in front, where the error has one. */
export function systemFailure(error: unknown): string {
  const { path, code = "" } = error as NodeJS.ErrnoException;
  return path === undefined || REASONS[code] === undefined
    ? systemReason(error)
    : `${path}: ${systemReason(error)}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  ENOTDIR: "it is not a folder",
  EISDIR: "it is a folder",
  EEXIST: "it exists already",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "its file system is read-only",
  ENOSPC: "its file system is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it would be larger than a file may be here (`ulimit -f`, or a limit of the file system)",
  EIO: "the disk reports an error",
  EBUSY: "it is in use",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  ELOOP: "it is a loop of symbolic links",
  ENAMETOOLONG: "the name is too long",
};
