/**
 * Scores the look-up of compromised packages on a table of project trees: which `package@version`s were
 * found against which are there. The scorer is pure over the rows and each row's files; reading a tree is
 * beside it. A tree keeps `node_modules` as `_node_modules`, so that nothing takes it for an installed one.
 */
import { Effect, FileSystem, Path, Schema } from "effect"
import { findCompromised, hitsOf, labelOf } from "../../domain/lockfiles/findCompromised.ts"
import { isLockfile } from "../../domain/lockfiles/readLockfile.ts"
import { decodeJsonLines } from "./jsonLines.ts"

const LockfileRow = Schema.Struct({
  id: Schema.String,
  dir: Schema.String,
  expected: Schema.Array(Schema.String),
})
type LockfileRow = typeof LockfileRow.Type

/** A file of a tree that is a lockfile or manifest, its path relative to the tree. */
export interface TreeFile {
  readonly path: string
  readonly text: string
}

export interface LockfilesScore {
  readonly v: 1
  readonly name: "lockfiles"
  readonly rows: number
  readonly cases: number
  /** Rows whose hits are exactly those expected. */
  readonly exact: number
  /** Expected packages not found, over all rows. */
  readonly missed: number
  /** Found packages not expected, over all rows. */
  readonly falseHits: number
  readonly failures: ReadonlyArray<{
    readonly id: string
    readonly missed: ReadonlyArray<string>
    readonly falseHits: ReadonlyArray<string>
    readonly unreadable: ReadonlyArray<string>
  }>
}

const spellings: Readonly<Record<string, string>> = {
  cargo: "crates.io",
  crates: "crates.io",
  composer: "packagist",
  gem: "rubygems",
  dart: "pub",
  npm: "",
}

/** Tables may call a registry by its tool's name. */
const canonical = (label: string): string => {
  const match = /^([a-z.]+):(.*)$/s.exec(label)
  if (match === null) return label
  const registry = spellings[match[1]!] ?? match[1]!
  return registry === "" ? match[2]! : `${registry}:${match[2]!}`
}

const scan = (files: ReadonlyArray<TreeFile>) => {
  const found = new Set<string>()
  const unreadable: Array<string> = []
  for (const file of files) {
    const report = findCompromised(file.path, file.text)
    for (const hit of hitsOf(report)) found.add(labelOf(hit))
    if (report._tag === "CannotCheck") unreadable.push(`${file.path}: ${report.reason}`)
  }
  return { found, unreadable }
}

export const scoreLockfiles = (
  rows: ReadonlyArray<LockfileRow>,
  filesOf: (row: LockfileRow) => ReadonlyArray<TreeFile>,
): LockfilesScore => {
  const failures: Array<LockfilesScore["failures"][number]> = []
  for (const row of rows) {
    const expected = new Set(row.expected.map(canonical))
    const { found, unreadable } = scan(filesOf(row))
    const missed = [...expected].filter((each) => !found.has(each)).toSorted()
    const falseHits = [...found].filter((each) => !expected.has(each)).toSorted()
    if (missed.length + falseHits.length > 0) failures.push({ id: row.id, missed, falseHits, unreadable })
  }
  return {
    v: 1,
    name: "lockfiles",
    rows: rows.length,
    cases: rows.length,
    exact: rows.length - failures.length,
    missed: failures.reduce((sum, each) => sum + each.missed.length, 0),
    falseHits: failures.reduce((sum, each) => sum + each.falseHits.length, 0),
    failures,
  }
}

const skipped: ReadonlySet<string> = new Set([".git"])

/** The lockfiles and manifests under a folder, installed packages' own included; links are not followed. */
export const scanTree = Effect.fn("Eval.scanTree")(function* (root: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files: Array<TreeFile> = []
  const waiting: Array<{ readonly stored: string; readonly shown: string }> = [{ stored: root, shown: "" }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const entry of yield* fs.readDirectoryEntries(next.stored)) {
      const stored = path.join(next.stored, entry.name)
      const name = entry.name === "_node_modules" ? "node_modules" : entry.name
      const shown = next.shown === "" ? name : `${next.shown}/${name}`
      if (entry.type === "Directory" && !skipped.has(entry.name)) waiting.push({ stored, shown })
      else if (entry.type === "File" && isLockfile(shown))
        files.push({ path: shown, text: yield* fs.readFileString(stored) })
    }
  }
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) as ReadonlyArray<TreeFile>
})

const decodeRows = decodeJsonLines(LockfileRow)

/** Scores the table in a file; each row's `dir` is relative to the table. */
export const evalLockfiles = Effect.fn("Eval.lockfiles")(function* (table: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const rows = yield* decodeRows(yield* fs.readFileString(table))
  const trees = new Map<string, ReadonlyArray<TreeFile>>()
  for (const row of rows) trees.set(row.dir, yield* scanTree(path.resolve(path.dirname(table), row.dir)))
  return scoreLockfiles(rows, (row) => trees.get(row.dir) ?? [])
})
