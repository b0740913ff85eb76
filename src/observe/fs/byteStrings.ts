/**
 * Paths as byte strings: one character a byte (`latin1`), so that every name a file system can hold is exact,
 * compares and joins as a string, and costs one byte a character. Inside `src/observe/fs` all paths are byte
 * strings, relative to the workspace, `/`-separated, "" for the workspace itself.
 */

const ascii = /^[\x00-\x7f]*$/

export const toBytes = (text: string): string =>
  ascii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1")

/** What the file system calls take. */
export const toBuffer = (path: string): Buffer => Buffer.from(path, "latin1")

export const join = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

/** As an event shows it: text, and the bytes in base64 where the text is not exact. */
export const display = (path: string): { readonly path: string; readonly raw?: string } => {
  if (ascii.test(path)) return { path }
  const buffer = toBuffer(path)
  const text = buffer.toString("utf8")
  return Buffer.from(text, "utf8").equals(buffer)
    ? { path: text }
    : { path: text, raw: buffer.toString("base64") }
}
