/**
 * `@path` in a word: the files that go with it. Reading is the person's own, of files they named; what a model may be shown
 * of them the daemon decides.
 * Invariant: a word with an `@` that names no file is left as it is; a file that cannot go is said, not left out silently.
 */
import { readdirSync, readFileSync, statSync } from "node:fs"
import { homedir } from "node:os"
import { basename, extname, isAbsolute, join, resolve } from "node:path"

export interface Attached {
  readonly path: string
  readonly mediaType: string
  /** Base64. */
  readonly content: string
}

const images: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
}
const largest = 5 * 1024 * 1024

/** `@src/a.ts`, `@"with space.txt"`, at the beginning of a word. */
export const mentioned = (text: string): ReadonlyArray<string> => [
  ...new Set(
    [...text.matchAll(/(?<=^|[\s(])@(?:"([^"\n]+)"|([^\s"]+))/g)].map(
      (found) => found[1] ?? found[2]!.replace(/[.,;:!?)]+$/, ""),
    ),
  ),
]

const inFolder = (path: string, cwd: string): string =>
  path.startsWith("~/") ? join(homedir(), path.slice(2)) : isAbsolute(path) ? path : resolve(cwd, path)

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}

export const attachments = (
  text: string,
  cwd: string,
): { readonly files: ReadonlyArray<Attached>; readonly problems: ReadonlyArray<string> } => {
  const files: Array<Attached> = []
  const problems: Array<string> = []
  for (const name of mentioned(text)) {
    const path = inFolder(name, cwd)
    if (!isFile(path)) continue
    try {
      const bytes = statSync(path).size
      if (bytes > largest) {
        problems.push(`${name} is larger than 5 MB and was not sent`)
        continue
      }
      const mediaType = images[extname(path).toLowerCase()] ?? "text/plain"
      files.push({ path: name, mediaType, content: readFileSync(path).toString("base64") })
    } catch (error) {
      problems.push(`${name} cannot be read: ${(error as Error).message}`)
    }
  }
  return { files, problems }
}

/** Names that go on from what was typed; folders end with a slash. */
export const pathsFrom = (typed: string, cwd: string): ReadonlyArray<string> => {
  const at = typed.lastIndexOf("/") + 1
  const folder = typed.slice(0, at)
  const start = typed.slice(at)
  try {
    return readdirSync(inFolder(folder === "" ? "." : folder, cwd), { withFileTypes: true })
      .filter(({ name }) => name.startsWith(start) && (start.startsWith(".") || !name.startsWith(".")))
      .map((entry) => `${folder}${basename(entry.name)}${entry.isDirectory() ? "/" : ""}`)
      .toSorted()
      .slice(0, 200)
  } catch {
    return []
  }
}
