/**
 * Which paths git would ignore: a pure stack of pattern files over the `ignore` library.
 * Paths and patterns are *byte strings* (one character a byte, `latin1`), because git matches bytes: `?` is one
 * byte, and names that are not UTF-8 match too. Paths are relative to the repository's top, `/`-separated.
 * Later files win over earlier ones and, inside one file, later lines over earlier ones; nothing below an ignored
 * folder can be shown again. So push the least binding first: built-ins, global excludes, `info/exclude`,
 * then each `.gitignore` from the top down.
 * A line with more than five `**` is left out: no person writes one, and matching it can take for ever.
 */
import ignore, { type Ignore } from "ignore"

export interface IgnoreRules {
  /** Matcher and how many paths it was asked: the library remembers each, so it is made anew now and then. */
  readonly state: { matcher: Ignore; asked: number }
}

/** The library's memory of answers is dropped after this many questions. */
const remembered = 2048

const mostGlobstars = 5

const fresh = (): Ignore => ignore({ ignoreCase: false })

export const noRules: IgnoreRules = { state: { matcher: fresh(), asked: 0 } }

/** A folder's name as a pattern that means only itself. */
const literal = (folder: string): string => folder.replace(/[\\*?[\]]/g, "\\$&")

/** A line without what git drops from its end: a carriage return and spaces that are not escaped. */
const trimmed = (line: string): string => {
  let end = line.endsWith("\r") ? line.length - 1 : line.length
  while (end > 0 && line[end - 1] === " " && !escapedAt(line, end - 1)) end--
  return line.slice(0, end)
}

const escapedAt = (line: string, index: number): boolean => {
  let backslashes = 0
  while (line[index - 1 - backslashes] === "\\") backslashes++
  return backslashes % 2 === 1
}

/** One line of the pattern file in `folder`, said from the top; null where it is no pattern. */
const fromTop = (line: string, folder: string): string | null => {
  const body = trimmed(line)
  if (body === "" || body.startsWith("#")) return null
  const negative = body.startsWith("!")
  const pattern = negative ? body.slice(1) : body
  if (pattern === "" || pattern === "/") return null
  const slash = pattern.indexOf("/")
  const anchored = slash !== -1 && slash !== pattern.length - 1
  const inside = anchored ? pattern.replace(/^\//, "") : `**/${pattern}`
  return `${negative ? "!" : ""}/${literal(folder)}/${inside}`
}

/** Rules with the text of one more pattern file, which stands in `folder` ("" for the top). */
export const withPatterns = (rules: IgnoreRules, folder: string, text: string): IgnoreRules => {
  // A byte string has the three bytes of a byte-order mark as three characters.
  const lines = text.replace(/^\u00ef\u00bb\u00bf/, "").split("\n")
  const patterns = (
    folder === "" ? lines : lines.map((line) => fromTop(line, folder)).filter((_) => _ !== null)
  ).filter((line) => line.split(/\*\*+/, mostGlobstars + 2).length <= mostGlobstars + 1)
  const matcher = fresh().add(rules.state.matcher)
  // As objects, so that a newline in the folder's name does not cut a pattern in two.
  matcher.add(patterns.map((pattern) => ({ pattern })))
  return { state: { matcher, asked: 0 } }
}

/** Is this path, or a folder above it, ignored? `path` is not empty and has no trailing slash. */
export const isIgnored = (rules: IgnoreRules, path: string, isFolder: boolean): boolean => {
  const { state } = rules
  if (state.asked++ > remembered) {
    state.matcher = fresh().add(state.matcher)
    state.asked = 0
  }
  return state.matcher.ignores(isFolder ? `${path}/` : path)
}
