const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read or written by this user",
  EPERM: "it may not be read or written by this user",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of its path is no directory",
  EROFS: "the file system is read-only",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8; iconv turns other encodings into it",
  ENOSPC: "there is no room left on the disk",
};

/** Why a file could not be read or written, in words. */
export function fileReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (code === "" ? String(error) : code);
}
