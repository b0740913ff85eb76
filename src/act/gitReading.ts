/**
 * What git prints for the operations that only read, taken apart into records. Pure and total: what does not parse is
 * left out, never guessed; bytes that are no UTF-8 come out as something, never as an error.
 */
const unit = "\x1f"

export interface StatusEntry {
  readonly path: string
  /** `.` unchanged, `M`, `A`, `D`, `R`, `C`, `T`, `U`; `?` untracked, `!` ignored. */
  readonly staged: string
  readonly worktree: string
  readonly from?: string
  readonly conflict?: true
  readonly submodule?: true
}
export interface GitStatus {
  readonly branch: string | null
  readonly commit: string | null
  readonly upstream: string | null
  readonly ahead: number
  readonly behind: number
  readonly stashes: number
  readonly entries: ReadonlyArray<StatusEntry>
}

/** `status --porcelain=v2 --branch --show-stash -z`. */
export const parseStatus = (text: string): GitStatus => {
  let status: GitStatus = {
    branch: null,
    commit: null,
    upstream: null,
    ahead: 0,
    behind: 0,
    stashes: 0,
    entries: [],
  }
  const entries: Array<StatusEntry> = []
  const records = text.split("\0")
  for (let at = 0; at < records.length; at++) {
    const record = records[at]!
    const header = /^# (\S+) (.*)$/s.exec(record)
    if (header !== null) {
      const [, key, value = ""] = header
      const counts = /^\+(\d+) -(\d+)$/.exec(value)
      if (key === "branch.oid") status = { ...status, commit: value === "(initial)" ? null : value }
      if (key === "branch.head") status = { ...status, branch: value === "(detached)" ? null : value }
      if (key === "branch.upstream") status = { ...status, upstream: value }
      if (key === "branch.ab" && counts !== null)
        status = { ...status, ahead: Number(counts[1]), behind: Number(counts[2]) }
      if (key === "stash") status = { ...status, stashes: Number(value) || 0 }
      continue
    }
    const changed = /^([12u]) (.)(.) (S|N)\S* (?:\S+ ){5,9}?(?=\S)/s.exec(record)
    if (changed !== null) {
      const [, kind, staged, worktree, submodule] = changed as unknown as [
        string,
        string,
        string,
        string,
        string,
      ]
      // 1: six more fields, 2: seven, u: eight, then the path
      const skip = kind === "1" ? 8 : kind === "2" ? 9 : 10
      const path = record.split(" ").slice(skip).join(" ")
      entries.push({
        path,
        staged,
        worktree,
        ...(kind === "2" ? { from: records[++at] ?? "" } : {}),
        ...(kind === "u" ? { conflict: true as const } : {}),
        ...(submodule === "S" ? { submodule: true as const } : {}),
      })
      continue
    }
    const other = /^([?!]) (.+)$/s.exec(record)
    if (other !== null) entries.push({ path: other[2]!, staged: other[1]!, worktree: other[1]! })
  }
  return { ...status, entries }
}

export interface Commit {
  readonly commit: string
  readonly parents: ReadonlyArray<string>
  readonly author: string
  readonly email: string
  readonly at: string
  readonly subject: string
  readonly body: string
}

const parseCommit = (text: string): Commit | null => {
  const [commit = "", parents = "", author = "", email = "", at = "", subject = "", ...body] =
    text.split(unit)
  return /^[0-9a-f]{40,64}$/.test(commit)
    ? {
        commit,
        parents: parents.split(" ").filter((parent) => parent !== ""),
        author,
        email,
        at,
        subject,
        body: body.join(unit).trim(),
      }
    : null
}

/** `log -z` with the commit's format. */
export const parseLog = (text: string): ReadonlyArray<Commit> =>
  text.split("\0").flatMap((record) => parseCommit(record.replace(/^\n/, "")) ?? [])

export interface DiffFile {
  readonly path: string
  readonly from?: string
  readonly kind: "added" | "deleted" | "renamed" | "copied" | "changed"
  readonly added: number
  readonly removed: number
  readonly binary?: true
}

/** git's quoted names: `"a\tb\303\274"`. */
const unquoted = (name: string): string => {
  if (!name.startsWith('"')) return name
  const bytes: Array<number> = []
  const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }
  const body = Buffer.from(name.slice(1, -1), "utf8").toString("latin1")
  for (let at = 0; at < body.length; at++) {
    const octal = /^\\([0-7]{3})/.exec(body.slice(at, at + 4))
    if (octal !== null) {
      bytes.push(Number.parseInt(octal[1]!, 8))
      at += 3
    } else if (body[at] === "\\") {
      const next = body[++at] ?? ""
      bytes.push(escapes[next] ?? next.charCodeAt(0))
    } else bytes.push(body.charCodeAt(at))
  }
  return Buffer.from(bytes).toString("utf8")
}
const named = (text: string): string | null => {
  const name = unquoted(text.replace(/\t$/, ""))
  return name === "/dev/null" ? null : name.replace(/^[ab]\//, "")
}

/** The files of a patch, with how many lines came and went. */
export const parsePatch = (patch: string): ReadonlyArray<DiffFile> => {
  const files: Array<DiffFile> = []
  let file: { -readonly [K in keyof DiffFile]: DiffFile[K] } | null = null
  let hunk = false
  for (const line of patch.split("\n")) {
    if (/^diff --(?:git|cc|combined) /.test(line)) {
      if (file !== null) files.push(file)
      const same = /^diff --git (?:a\/(.+) b\/\1|("a\/.+") "b\/.+")$/.exec(line)
      const combined = /^diff --(?:cc|combined) (.+)$/.exec(line)?.[1]
      const path = combined ?? same?.[1] ?? (same?.[2] === undefined ? "" : (named(same[2]) ?? ""))
      file = { path: combined === undefined ? path : unquoted(path), kind: "changed", added: 0, removed: 0 }
      hunk = false
      continue
    }
    if (file === null) continue
    if (line.startsWith("@@")) hunk = true
    else if (hunk) {
      if (line.startsWith("+")) file.added++
      else if (line.startsWith("-")) file.removed++
    } else if (line.startsWith("new file")) file.kind = "added"
    else if (line.startsWith("deleted file")) file.kind = "deleted"
    else if (/^(?:rename|copy) from /.test(line)) {
      file.kind = line.startsWith("rename") ? "renamed" : "copied"
      file.from = unquoted(line.replace(/^\w+ from /, ""))
    } else if (/^(?:rename|copy) to /.test(line)) file.path = unquoted(line.replace(/^\w+ to /, ""))
    else if (line.startsWith("Binary files ")) file.binary = true
    else if (line.startsWith("--- ")) file.path = named(line.slice(4)) ?? file.path
    else if (line.startsWith("+++ ")) file.path = named(line.slice(4)) ?? file.path
  }
  if (file !== null) files.push(file)
  return files
}

export interface BlameLine {
  readonly line: number
  readonly commit: string
  readonly author: string
  readonly at: string
  readonly subject: string
  readonly text: string
}

/** `blame --line-porcelain`. */
export const parseBlame = (text: string): ReadonlyArray<BlameLine> => {
  const lines: Array<BlameLine> = []
  let head: RegExpExecArray | null = null
  let facts: Record<string, string> = {}
  for (const row of text.split("\n")) {
    if (row.startsWith("\t") && head !== null) {
      const seconds = Number(facts["author-time"] ?? "0")
      lines.push({
        line: Number(head[2]),
        commit: head[1]!,
        author: facts["author"] ?? "",
        at: new Date(seconds * 1000).toISOString(),
        subject: facts["summary"] ?? "",
        text: row.slice(1),
      })
      head = null
      continue
    }
    const begins = /^\^?([0-9a-f]{40,64}) \d+ (\d+)/.exec(row)
    if (begins !== null && head === null) {
      head = begins
      facts = {}
      continue
    }
    const space = row.indexOf(" ")
    if (space > 0) facts[row.slice(0, space)] = row.slice(space + 1)
  }
  return lines
}

const lines = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(unit))

/** `for-each-ref` with the ref's format. */
export const parseRefs = (text: string) =>
  lines(text).map(
    ([ref = "", object = "", type = "", head = "", upstream = "", track = "", at = "", subject = ""]) => ({
      name: ref.replace(/^refs\/(?:heads|tags|remotes)\//, ""),
      object,
      ...(type === "tag" ? { annotated: true } : {}),
      ...(head === "*" ? { current: true } : {}),
      ...(upstream === "" ? {} : { upstream: upstream.replace(/^refs\/(?:heads|remotes)\//, "") }),
      ...(track === "" ? {} : { track: track.replace(/^\[|\]$/g, "") }),
      at,
      subject,
    }),
  )

/** `stash list` with the stash's format. */
export const parseStashes = (text: string) =>
  lines(text).map(([name = "", commit = "", at = "", subject = ""]) => ({
    index: Number(/\{(\d+)\}/.exec(name)?.[1] ?? "0"),
    commit,
    at,
    subject,
  }))
