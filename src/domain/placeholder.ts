/**
 * The mark of a file the sandbox puts where a file that other programs run later could be made: empty, mode 0400,
 * modification time zero. It is nobody's work, so the filesystem source does not state it. Pure.
 */
export const placeholderMode = 0o400

export const isPlaceholder = (found: {
  readonly size: number
  readonly mode: number
  readonly mtimeMs: number
  readonly isFile: () => boolean
}): boolean =>
  found.isFile() && found.size === 0 && (found.mode & 0o7777) === placeholderMode && found.mtimeMs === 0
