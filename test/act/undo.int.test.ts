/**
 * Undo over random edit scripts on real files: whatever a script did to files, modes, times, links and folders,
 * undo brings every byte, mode and time back, or touches nothing at all.
 */
import { createHash } from "node:crypto"
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { recordUndo, type Recording } from "../../src/act/recordUndo.ts"
import { defaultBounds } from "../../src/act/snapshot.ts"
import type { Aftermath } from "../../src/act/Tool.ts"
import { undoCall } from "../../src/act/undo.ts"
import { removeTree } from "../removeTree.ts"

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Everything undo promises: kind, content or target, mode, time to the nanosecond. Folders: kind and mode. */
const stateOf = (folder: string): Record<string, string> => {
  const result: Record<string, string> = {}
  const visit = (path: string, name: string): void => {
    const found = fs.lstatSync(path, { bigint: true })
    const mode = (found.mode & 0o7777n).toString(8)
    if (found.isSymbolicLink()) result[name] = `link ${fs.readlinkSync(path)} ${found.mtimeNs}`
    else if (found.isDirectory()) {
      result[name] = `dir ${mode}`
      for (const child of fs.readdirSync(path)) visit(join(path, child), `${name}/${child}`)
    } else result[name] = `file ${mode} ${found.mtimeNs} ${sha(fs.readFileSync(path))}`
  }
  visit(folder, ".")
  return result
}

const names = ["a", "b.txt", "ignored.log", "ünï code", "dir/c", "dir/d", "dir/deep/e", "x/y/z"]
const name = fc.constantFrom(...names)
const content = fc.uint8Array({ maxLength: 40 })
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o400, 0o666)
const time = fc.bigInt({ min: 1n, max: 2n ** 61n - 1n })

type Edit =
  | { readonly _tag: "write"; readonly name: string; readonly bytes: Uint8Array }
  | { readonly _tag: "mode"; readonly name: string; readonly mode: number }
  | { readonly _tag: "time"; readonly name: string; readonly seconds: number }
  | { readonly _tag: "link"; readonly name: string; readonly target: string }
  | { readonly _tag: "remove"; readonly name: string }
  | { readonly _tag: "folder"; readonly name: string }
  | { readonly _tag: "move"; readonly name: string; readonly to: string }
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ _tag: fc.constant("write" as const), name, bytes: content }),
  fc.record({ _tag: fc.constant("mode" as const), name, mode }),
  fc.record({
    _tag: fc.constant("time" as const),
    name,
    seconds: fc.double({ min: 0, max: 2e9, noNaN: true }),
  }),
  fc.record({
    _tag: fc.constant("link" as const),
    name,
    target: fc.constantFrom("a", "../b.txt", "nowhere", "dir"),
  }),
  fc.record({
    _tag: fc.constant("remove" as const),
    name: fc.constantFrom(...names, "dir", "x", "dir/deep"),
  }),
  fc.record({ _tag: fc.constant("folder" as const), name: fc.constantFrom(...names, "new/folder") }),
  fc.record({ _tag: fc.constant("move" as const), name, to: name }),
)

/** An edit that cannot be made (a folder in the way, say) is simply not made. */
const apply = (folder: string, change: Edit): void => {
  const path = join(folder, change.name)
  try {
    switch (change._tag) {
      case "write":
        fs.mkdirSync(join(path, ".."), { recursive: true })
        return fs.writeFileSync(path, change.bytes)
      case "mode":
        return fs.lstatSync(path).isSymbolicLink() ? undefined : fs.chmodSync(path, change.mode | 0o100)
      case "time":
        return fs.lutimesSync(path, change.seconds, change.seconds)
      case "link":
        removeTree(path)
        fs.mkdirSync(join(path, ".."), { recursive: true })
        return fs.symlinkSync(change.target, path)
      case "remove":
        return removeTree(path)
      case "folder":
        removeTree(path)
        return void fs.mkdirSync(path, { recursive: true })
      case "move":
        fs.mkdirSync(join(folder, change.to, ".."), { recursive: true })
        return fs.renameSync(path, join(folder, change.to))
    }
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error
  }
}

const fresh = (): string => fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "claw-undo-")))
const inFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(Effect.sync(fresh), use, (folder) => Effect.sync(() => removeTree(folder)))
const record = (
  workspace: string,
  more: { readonly holdsSecret?: (bytes: Uint8Array) => boolean; readonly git?: boolean } = {},
) =>
  recordUndo({
    workspace,
    paths: [workspace],
    git: more.git ?? false,
    bounds: defaultBounds,
    holdsSecret: more.holdsSecret ?? (() => false),
    beyond: null,
  })
const undo = (workspace: string, recording: Recording, { after, refs }: Aftermath) => {
  const blobs = new Map(recording.blobs.map((bytes) => [sha(bytes), bytes]))
  return undoCall({
    workspace,
    record: recording.undo,
    after,
    refsAfter: refs,
    blob: (hash) => Effect.succeed(blobs.get(hash) ?? null),
  })
}
const put = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(join(folder, file, ".."), { recursive: true })
    fs.writeFileSync(join(folder, file), text)
  }
}

const script = fc.record({
  setUp: fc.array(edit, { maxLength: 12 }),
  edits: fc.array(edit, { minLength: 1, maxLength: 12 }),
})

describe("undo", () => {
  it.live(
    "restores every byte, mode, time, link and folder after any script",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(script, async ({ setUp, edits }) => {
            await Effect.runPromise(
              inFolder((folder) =>
                Effect.gen(function* () {
                  for (const change of setUp) apply(folder, change)
                  const before = stateOf(folder)
                  const recording = yield* record(folder)
                  assert.isTrue(recording.undo.possible)
                  for (const change of edits) apply(folder, change)
                  const aftermath = yield* recording.aftermath
                  yield* undo(folder, recording, aftermath)
                  assert.deepStrictEqual(stateOf(folder), before)
                }),
              ),
            )
          }),
          { numRuns: 60 },
        ),
      ),
    60_000,
  )

  it.live(
    "touches nothing when any changed path was changed again",
    () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(script, content, time, async ({ setUp, edits }, bytes, later) => {
            await Effect.runPromise(
              inFolder((folder) =>
                Effect.gen(function* () {
                  for (const change of setUp) apply(folder, change)
                  const recording = yield* record(folder)
                  for (const change of edits) apply(folder, change)
                  const aftermath = yield* recording.aftermath
                  const touched = aftermath.after.filter(({ kind }) => kind === "file").at(-1)
                  if (touched === undefined) return
                  fs.writeFileSync(touched.path, Buffer.concat([bytes, Buffer.from(`${later}`)]))
                  const now = stateOf(folder)
                  const error = yield* Effect.flip(undo(folder, recording, aftermath))
                  assert.strictEqual(error.reason, "refused")
                  assert.deepStrictEqual(stateOf(folder), now)
                }),
              ),
            )
          }),
          { numRuns: 25 },
        ),
      ),
    60_000,
  )

  it.live("does not remove a created folder in which something else was put since", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const recording = yield* record(folder)
        put(folder, { "made/file": "x" })
        const aftermath = yield* recording.aftermath
        put(folder, { "made/mine": "precious" })
        const error = yield* Effect.flip(undo(folder, recording, aftermath))
        assert.match(error.message, /made holds made\/mine/)
        assert.strictEqual(fs.readFileSync(join(folder, "made/file"), "utf8"), "x")
      }),
    ),
  )

  it.live("keeps no secret and refuses to restore what it did not keep", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { ".env": "TOKEN=planted", other: "x" })
        const recording = yield* record(folder, {
          holdsSecret: (bytes) => Buffer.from(bytes).includes("planted"),
        })
        assert.match(recording.undo.reason ?? "", /\.env.*secret/)
        assert.isFalse(recording.blobs.some((bytes) => Buffer.from(bytes).includes("planted")))
        put(folder, { other: "y" })
        yield* undo(folder, recording, yield* recording.aftermath)
        assert.strictEqual(fs.readFileSync(join(folder, "other"), "utf8"), "x")
        put(folder, { ".env": "TOKEN=changed", other: "z" })
        const error = yield* Effect.flip(undo(folder, recording, yield* recording.aftermath))
        assert.match(error.message, /\.env held was not kept/)
        assert.strictEqual(fs.readFileSync(join(folder, "other"), "utf8"), "z")
      }),
    ),
  )

  it.live("says before anything runs that there is too much to keep", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "x".repeat(2000), b: "y", c: "z" })
        const options = {
          workspace: folder,
          paths: [folder],
          git: false,
          holdsSecret: () => false,
          beyond: null,
        }
        const few = yield* recordUndo({ ...options, bounds: { files: 2, bytes: 1e6 } })
        assert.deepStrictEqual(
          [few.undo.possible, few.undo.reason],
          [false, "it may change more than 2 files"],
        )
        const small = yield* recordUndo({ ...options, bounds: { files: 100, bytes: 1000 } })
        assert.isFalse(small.undo.possible)
      }),
    ),
  )

  it.live("leaves package trees out and says so", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { "node_modules/p/index.js": "x", "cache/CACHEDIR.TAG": "", "cache/x": "y", a: "1" })
        const recording = yield* record(folder)
        assert.isTrue(recording.undo.possible)
        assert.match(recording.undo.reason ?? "", /not in (?:cache, node_modules|node_modules, cache)/)
        put(folder, { "node_modules/p/index.js": "changed", a: "2" })
        yield* undo(folder, recording, yield* recording.aftermath)
        assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "1")
        assert.strictEqual(fs.readFileSync(join(folder, "node_modules/p/index.js"), "utf8"), "changed")
      }),
    ),
  )

  it.live("refuses without an end, with a damaged blob, and what is not possible", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "1" })
        const recording = yield* record(folder)
        put(folder, { a: "2" })
        const { after } = yield* recording.aftermath
        const call = { workspace: folder, record: recording.undo, after, refsAfter: {} }
        const damaged = yield* Effect.flip(
          undoCall({ ...call, blob: () => Effect.succeed(new Uint8Array([1])) }),
        )
        assert.match(damaged.message, /damaged/)
        const unended = yield* Effect.flip(
          undoCall({ ...call, after: null, blob: () => Effect.succeed(null) }),
        )
        assert.match(unended.message, /did not run to its end/)
        const impossible = { ...recording.undo, possible: false, reason: "pushed" }
        const error = yield* Effect.flip(
          undoCall({ ...call, record: impossible, blob: () => Effect.succeed(null) }),
        )
        assert.strictEqual(error.message, "pushed")
        assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "2")
      }),
    ),
  )

  it.live("moves branches, HEAD, index and an operation under way back, files with them", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const git = (...args: ReadonlyArray<string>): string =>
          execFileSync("git", ["-c", "user.name=D", "-c", "user.email=d@e.f", ...args], {
            cwd: folder,
            env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_EDITOR: "true" },
            stdio: ["ignore", "pipe", "ignore"],
          }).toString()
        git("init", "-q", "-b", "main")
        put(folder, { a: "1\n", b: "1\n" })
        git("add", ".")
        git("commit", "-qm", "one")
        git("switch", "-qc", "other")
        put(folder, { a: "other\n" })
        git("commit", "-qam", "two")
        git("switch", "-q", "main")
        put(folder, { a: "main\n" })
        git("commit", "-qam", "three")
        put(folder, { b: "staged\n", c: "untracked\n" })
        git("add", "b")
        const facts = () => [
          git("for-each-ref"),
          git("symbolic-ref", "HEAD"),
          git("ls-files", "--stage"),
          fs.readFileSync(join(folder, ".git/index")).toString("hex"),
          stateOf(folder)["./a"],
          stateOf(folder)["./b"],
          stateOf(folder)["./c"],
          fs.existsSync(join(folder, ".git/MERGE_HEAD")),
        ]
        const before = facts()
        const recording = yield* record(folder, { git: true })
        git("commit", "-qam", "four")
        assert.throws(() => git("merge", "other"))
        assert.isTrue(fs.existsSync(join(folder, ".git/MERGE_HEAD")))
        git("branch", "extra")
        const aftermath = yield* recording.aftermath
        yield* undo(folder, recording, aftermath)
        assert.deepStrictEqual(facts(), before)
        git("fsck")

        const again = yield* record(folder, { git: true })
        git("commit", "-qm", "five")
        git("switch", "-qc", "fresh")
        const later = yield* again.aftermath
        git("commit", "--allow-empty", "-qm", "since")
        const error = yield* Effect.flip(undo(folder, again, later))
        assert.match(error.message, /the branch fresh moved since/)
        assert.strictEqual(git("log", "-1", "--format=%s"), "since\n")
      }),
    ),
  )
})
