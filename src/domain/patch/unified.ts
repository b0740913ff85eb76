/** The unified form of a patch, with or without git's headers. */
import type { Hunk, Lines, PatchPart } from "./patch.ts"

const hunkHeader = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/
const noLineEnd = "\\ No newline at end of file"
const nothing = "/dev/null"
/** What other programs write between the parts. */
const between = /^(?:Index: .*|={60,}|\s*)$/

/** Git writes unusual names as a C string. */
const unquoted = (lines: Lines, name: string): string => {
  if (!name.startsWith('"')) return name
  if (/\\[^"\\]/.test(name) || !name.endsWith('"') || name.length < 2)
    throw lines.wrong("a quoted file name with escapes: use the other form of patch for this file")
  return name.slice(1, -1).replaceAll(/\\(["\\])/g, "$1")
}

/** `a/src/x.ts<tab>2026-...` */
const nameIn = (lines: Lines, marker: string, prefixed: boolean): string => {
  const line = lines.peek()
  if (line === null || !line.startsWith(marker)) throw lines.wrong(`expected a line that begins "${marker}"`)
  const name = unquoted(lines, line.slice(marker.length).split("\t")[0]!.trimEnd())
  if (name === "") throw lines.wrong("no file is named")
  lines.take()
  return prefixed && /^[ab]\//.test(name) ? name.slice(2) : name
}

const hunk = (lines: Lines): Hunk => {
  const header = hunkHeader.exec(lines.peek() ?? "")
  if (header === null) throw lines.wrong('expected a hunk: "@@ -1,2 +1,3 @@"')
  lines.take()
  let oldLeft = Number(header[2] ?? 1)
  let nowLeft = Number(header[3] ?? 1)
  const old: Array<string> = []
  const now: Array<string> = []
  // of which line the remark speaks
  let last = " "
  let oldOpen = false
  let nowOpen = false
  while (oldLeft > 0 || nowLeft > 0 || lines.peek() === noLineEnd) {
    const line = lines.peek()
    if (line === noLineEnd) {
      lines.take()
      if (last !== "+") oldOpen = true
      if (last !== "-") nowOpen = true
      continue
    }
    if (line === null) throw lines.wrong("a hunk has fewer lines than its header says")
    const mark = line[0] ?? " "
    if (mark !== " " && mark !== "-" && mark !== "+")
      throw lines.wrong("a line of a hunk begins with a space, + or -")
    last = mark
    if (mark !== "+") {
      old.push(line.slice(1))
      oldLeft--
    }
    if (mark !== "-") {
      now.push(line.slice(1))
      nowLeft--
    }
    if (oldLeft < 0 || nowLeft < 0) throw lines.wrong("a hunk has other lines than its header says")
    lines.take()
  }
  return {
    anchor: null,
    at: Number(header[1]),
    old,
    now,
    atEnd: oldOpen || nowOpen,
    endsLine: oldOpen === nowOpen ? null : oldOpen,
  }
}

interface GitHeader {
  readonly from: string | null
  readonly to: string | null
}

const gitHeader = (lines: Lines): GitHeader | null => {
  if (lines.peek()?.startsWith("diff --git ") !== true) return null
  lines.take()
  let from: string | null = null
  let to: string | null = null
  for (;;) {
    const line = lines.peek()
    if (line === null || line.startsWith("--- ") || line.startsWith("diff --git ")) break
    if (line.startsWith("rename from ")) from = nameIn(lines, "rename from ", false)
    else if (line.startsWith("rename to ")) to = nameIn(lines, "rename to ", false)
    else if (/^(?:index |similarity index |new file mode 100644$|deleted file mode )/.test(line)) lines.take()
    else if (/^(?:GIT binary patch|Binary files )/.test(line)) throw lines.wrong("a binary patch")
    else throw lines.wrong("a header other than of a changed, new, removed or renamed plain file")
  }
  if ((from === null) !== (to === null)) throw lines.wrong("half a rename")
  return { from, to }
}

const part = (lines: Lines): PatchPart => {
  const git = gitHeader(lines)
  const line = lines.peek()
  if (git?.from != null && git.to !== null && (line === null || !line.startsWith("--- ")))
    return { _tag: "update", path: git.from, moveTo: git.to, hunks: [] }
  const from = nameIn(lines, "--- ", true)
  const to = nameIn(lines, "+++ ", true)
  const hunks: Array<Hunk> = []
  while (lines.peek()?.startsWith("@@") === true) hunks.push(hunk(lines))
  if (hunks.length === 0) throw lines.wrong("a file without a hunk")
  if (from === nothing && to === nothing) throw lines.wrong("neither side is a file")
  if (to === nothing) {
    if (hunks.some(({ now }) => now.length > 0)) throw lines.wrong("a removed file has no lines left")
    return { _tag: "delete", path: from, content: hunks.flatMap(({ old }) => old) }
  }
  if (from === nothing) {
    const [only, ...more] = hunks
    if (more.length > 0 || only!.old.length > 0) throw lines.wrong("a new file has one hunk of new lines")
    const text = only!.now.join("\n")
    return { _tag: "add", path: to, text: only!.atEnd || text === "" ? text : `${text}\n` }
  }
  if (git?.from != null) return { _tag: "update", path: git.from, moveTo: git.to, hunks }
  if (from !== to) throw lines.wrong(`${from} and ${to} are two files: a rename needs git's headers`)
  return { _tag: "update", path: from, moveTo: null, hunks }
}

export const unifiedParts = (lines: Lines): ReadonlyArray<PatchPart> => {
  const parts: Array<PatchPart> = []
  while (lines.peek() !== null) {
    if (between.test(lines.peek()!)) lines.take()
    else parts.push(part(lines))
  }
  return parts
}
