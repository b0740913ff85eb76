/** What is recorded before a command: all it takes to undo it, but nothing the log has already, and nothing of anybody else's. */
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ContentCache } from "../../src/act/ContentCache.ts"
import { nameOf, nativeName } from "../../src/act/pathNames.ts"
import { recordUndo, type RecordOptions, type Recording } from "../../src/act/recordUndo.ts"
import { defaultBounds } from "../../src/act/snapshot.ts"
import type { Aftermath } from "../../src/act/Tool.ts"
import { undoCall } from "../../src/act/undo.ts"
import type { UndoChoice } from "../../src/domain/undoConflict.ts"
import { removeTree } from "../removeTree.ts"

const inFolder = <A, E>(use: (folder: string) => Effect.Effect<A, E>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "claw-record-")))),
    use,
    (folder) => Effect.sync(() => removeTree(folder)),
  )
const put = (folder: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(join(folder, file, ".."), { recursive: true })
    fs.writeFileSync(join(folder, file), text)
  }
}
/** Until the kernel's clock moved on by so much from when the file was changed. */
const aged = (path: string, ms: number) =>
  Effect.promise(async () => {
    const changed = fs.lstatSync(path).ctimeMs
    const mark = `${path}-mark`
    do {
      fs.writeFileSync(mark, "")
      await new Promise((resolve) => setImmediate(resolve))
    } while (fs.lstatSync(mark).ctimeMs < changed + ms)
    fs.rmSync(mark)
  })

const record = (workspace: string, more: Partial<RecordOptions> = {}) =>
  recordUndo({
    workspace,
    paths: [workspace],
    git: false,
    bounds: defaultBounds,
    holdsSecret: () => false,
    beyond: null,
    ...more,
  })
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const undoing = (
  workspace: string,
  recording: Recording,
  log: ReadonlyArray<Uint8Array>,
  choice?: UndoChoice,
  aftermath?: Aftermath,
) =>
  Effect.gen(function* () {
    const { after, kept = [], refs } = aftermath ?? (yield* recording.aftermath)
    const blobs = new Map([...log, ...kept].map((bytes) => [sha(bytes), bytes]))
    return yield* undoCall(
      {
        workspace,
        record: recording.undo,
        after,
        refsAfter: refs,
        blob: (hash) => Effect.succeed(blobs.get(hash) ?? null),
      },
      choice,
    )
  })

const many = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`d${n % 20}/f${n}`, `file ${n}\n`]))

describe("a recording", () => {
  it.live("brings each content once, names a long list of states by one hash, and undoes from that", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, many(400))
        yield* aged(join(folder, "d0/f0"), 80)
        const contents = new ContentCache()
        const first = yield* record(folder, { contents })
        assert.isAbove(first.blobs.length, 400)
        assert.lengthOf(first.undo.before, 0)
        assert.isBelow(JSON.stringify(first.undo).length, 1000)
        assert.lengthOf(first.before, 420)
        yield* first.during(Effect.sync(() => put(folder, { "d3/f3": "changed\n", "d3/new": "n" })))
        const firstAfter = yield* first.aftermath
        const second = yield* record(folder, { contents })
        // what changed, and the folders' own lists up to the root
        assert.isBelow(second.blobs.length, 12)
        yield* second.during(Effect.sync(() => put(folder, { "d3/f3": "again\n", "d4/f4": "too\n" })))
        const log = [...first.blobs, ...second.blobs]
        yield* undoing(folder, second, log)
        assert.strictEqual(fs.readFileSync(join(folder, "d3/f3"), "utf8"), "changed\n")
        assert.strictEqual(fs.readFileSync(join(folder, "d4/f4"), "utf8"), "file 4\n")
        yield* undoing(folder, first, log, undefined, firstAfter)
        assert.strictEqual(fs.readFileSync(join(folder, "d3/f3"), "utf8"), "file 3\n")
        assert.isFalse(fs.existsSync(join(folder, "d3/new")))
      }),
    ),
  )

  it.live("brings it again where the log may not have it any more, or never got it", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "1", b: "2" })
        yield* aged(join(folder, "a"), 80)
        const contents = new ContentCache()
        const shown = yield* record(folder, { contents })
        assert.lengthOf(shown.blobs, 2)
        const run = yield* record(folder, { contents })
        assert.lengthOf(run.blobs, 2, "the first was only looked at, and nothing of it logged")
        yield* run.during(Effect.void)
        assert.lengthOf((yield* record(folder, { contents })).blobs, 0)
        contents.heard(1)
        assert.lengthOf((yield* record(folder, { contents })).blobs, 2)
      }),
    ),
  )

  it.live("sees a change that keeps size and time", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "aaaa" })
        const path = join(folder, "a")
        fs.utimesSync(path, 1_700_000_000, 1_700_000_000)
        yield* aged(path, 80)
        const contents = new ContentCache()
        const recording = yield* record(folder, { contents })
        yield* recording.during(
          Effect.sync(() => {
            fs.writeFileSync(path, "bbbb")
            fs.utimesSync(path, 1_700_000_000, 1_700_000_000)
          }),
        )
        yield* undoing(folder, recording, recording.blobs)
        assert.strictEqual(fs.readFileSync(path, "utf8"), "aaaa")
      }),
    ),
  )

  it.live(
    "leaves out a file that is too large and one that holds a secret, says so, and takes nothing of them back",
    () =>
      inFolder((folder) =>
        Effect.gen(function* () {
          put(folder, { large: "x".repeat(5000), secret: "planted", a: "1" })
          const recording = yield* record(folder, {
            bounds: { files: 100, bytes: 10_000, fileBytes: 1000 },
            holdsSecret: (bytes) => Buffer.from(bytes).includes("planted"),
          })
          assert.match(recording.undo.reason ?? "", /not secret: it holds a secret/)
          assert.match(recording.undo.reason ?? "", /not large: it is larger than/)
          yield* recording.during(
            Effect.sync(() => put(folder, { large: "y", secret: "gone", a: "2", b: "new" })),
          )
          const blocked = yield* Effect.flip(undoing(folder, recording, recording.blobs))
          assert.match(blocked.message, /was not kept/)
          assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "2")
          const undone = yield* undoing(folder, recording, recording.blobs, { stance: "keep" })
          assert.sameMembers([...undone.kept], ["large", "secret"])
          assert.strictEqual(fs.readFileSync(join(folder, "large"), "utf8"), "y")
          assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "1")
        }),
      ),
  )

  it.live("keeps names that are no UTF-8 apart, and brings them back", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const names = ["\xff", "\xfe", "a\xc3(", "\u00fc"].map((name) => Buffer.from(name, "latin1"))
        for (const name of names) {
          assert.isTrue(Buffer.from(nativeName(nameOf(name))).equals(name), name.toString("hex"))
          fs.writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), name]), name)
        }
        const recording = yield* record(folder)
        yield* recording.during(
          Effect.sync(() => {
            for (const name of names) fs.unlinkSync(Buffer.concat([Buffer.from(`${folder}/`), name]))
          }),
        )
        assert.lengthOf(fs.readdirSync(folder), 0)
        yield* undoing(folder, recording, recording.blobs)
        const found = fs.readdirSync(folder, { encoding: "buffer" })
        assert.deepStrictEqual(
          found.map((name) => name.toString("hex")).sort(),
          names.map((name) => name.toString("hex")).sort(),
        )
      }),
    ),
  )
})

describe("what others did meanwhile", () => {
  it.live("before it began is not the command's: it stays", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "1", b: "1" })
        const recording = yield* record(folder)
        yield* aged(join(folder, "a"), 30)
        put(folder, { b: "mine", "mine/c": "new" })
        yield* aged(join(folder, "b"), 30)
        yield* recording.during(Effect.sync(() => put(folder, { a: "2" })))
        yield* undoing(folder, recording, recording.blobs)
        assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "1")
        assert.strictEqual(fs.readFileSync(join(folder, "b"), "utf8"), "mine")
        assert.isTrue(fs.existsSync(join(folder, "mine/c")))
      }),
    ),
  )

  it.live("after it ended is asked about, and never overwritten", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { a: "1", b: "1" })
        const recording = yield* record(folder)
        yield* recording.during(Effect.sync(() => put(folder, { a: "2" })))
        yield* aged(join(folder, "a"), 30)
        put(folder, { b: "mine, saved before anybody looked" })
        const blocked = yield* Effect.flip(undoing(folder, recording, recording.blobs))
        assert.match(blocked.message, /b changed since/)
        yield* undoing(folder, recording, recording.blobs, { stance: "keep" })
        assert.strictEqual(fs.readFileSync(join(folder, "a"), "utf8"), "1")
        assert.strictEqual(fs.readFileSync(join(folder, "b"), "utf8"), "mine, saved before anybody looked")
      }),
    ),
  )

  it.live("a folder that was moved keeps its old files: they are the command's all the same", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        put(folder, { "dir/a": "1", "dir/deep/b": "2" })
        yield* aged(join(folder, "dir/a"), 30)
        const recording = yield* record(folder)
        yield* recording.during(Effect.sync(() => fs.renameSync(join(folder, "dir"), join(folder, "moved"))))
        yield* undoing(folder, recording, recording.blobs)
        assert.deepStrictEqual(fs.readdirSync(folder), ["dir"])
        assert.strictEqual(fs.readFileSync(join(folder, "dir/deep/b"), "utf8"), "2")
      }),
    ),
  )
})
