/**
 * File tools while another process swaps folders and files for links, pipes and second names as fast as it can: not one
 * byte outside is read, shown or written, and nothing lands in a folder that was not meant.
 */
import { spawn } from "node:child_process"
import * as fs from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { put } from "./sandboxFixture.ts"
import { type Tools, withTools } from "./toolFixture.ts"

const outsideMark = "outside-content"

/** Swaps `name` in the workspace between what it is and each of `others` until it is stopped. */
const swapper = `
  const fs = require("node:fs")
  const [, path, ...others] = process.argv
  const kept = path + ".kept"
  process.on("disconnect", () => process.exit())
  let rounds = 0
  const quietly = (step) => {
    try {
      step()
    } catch {}
  }
  // what a tool made meanwhile where the folder belongs has to give way
  const back = () => {
    quietly(() => fs.unlinkSync(path))
    for (;;) {
      try {
        return fs.renameSync(kept, path)
      } catch {
        quietly(() => fs.rmSync(path, { recursive: true, force: true }))
      }
    }
  }
  const turn = () => {
    for (let i = 0; i < 50; i++) {
      const other = others[rounds++ % others.length]
      const [kind, target] = [other.slice(0, 1), other.slice(1)]
      fs.renameSync(path, kept)
      if (kind === "s") quietly(() => fs.symlinkSync(target, path))
      else if (kind === "h") quietly(() => fs.linkSync(target, path))
      back()
    }
    if (rounds === 50) process.send("started")
    // a short rest now and then, so that a call can also succeed
    setTimeout(turn, (rounds / 50) % 4)
  }
  turn()
`

const swapping = (path: string, others: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const child = spawn(process.execPath, ["-e", swapper, path, ...others], {
        stdio: ["ignore", "ignore", "inherit", "ipc"],
      })
      await new Promise((started) => child.once("message", started))
      return child
    }),
    (child) =>
      Effect.promise(async () => {
        const ended = new Promise((done) => child.once("exit", done))
        child.disconnect()
        await ended
      }),
  )

/** Everything outside the workspace and in the folders that are not to be touched, as it is. */
const picture = (folders: ReadonlyArray<string>): string =>
  JSON.stringify(
    folders.map((folder) =>
      fs
        .readdirSync(folder, { recursive: true, withFileTypes: true })
        .map((entry) => {
          const path = join(entry.parentPath, entry.name)
          return [path, entry.isFile() ? fs.readFileSync(path, "utf8") : "", fs.lstatSync(path).mtimeMs]
        })
        .sort(),
    ),
  )

const answers = (run: ReturnType<Tools["text"]>) =>
  Effect.match(run, { onFailure: (error) => error.message, onSuccess: (text) => text })

const reads = 700
const writes = 300
const searches = 60

const lay = (place: Tools["place"]) =>
  Effect.gen(function* () {
    const outside = join(place.home, "outside")
    fs.mkdirSync(join(outside, "deep"), { recursive: true })
    fs.writeFileSync(join(outside, "file.txt"), outsideMark)
    fs.writeFileSync(join(outside, "only-outside.txt"), outsideMark)
    fs.writeFileSync(join(outside, "deep/file.txt"), outsideMark)
    yield* Effect.promise(() =>
      put(place, {
        "d/file.txt": "inside-content\n",
        "d/deep/file.txt": "inside-content\n",
        ".git/hooks/file.txt": "guarded-content\n",
        ".git/hooks/only-outside.txt": "guarded-content\n",
        "config/.env": "guarded-content\n",
        ".ssh/file.txt": "guarded-content\n",
        ".ssh/deep/file.txt": "guarded-content\n",
      }),
    )
    return { outside, hooks: join(place.workspace, ".git/hooks"), target: join(place.workspace, "d") }
  })

describe("a folder that is swapped for links in a loop", () => {
  it.live("is read only where it is itself", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside, target } = yield* lay(place)
        yield* swapping(target, [`s${outside}`, `s${place.workspace}/.ssh`])
        const seen = new Map<string, number>()
        for (let n = 0; n < reads || (seen.size < 2 && n < 20 * reads); n++) {
          const answer = yield* answers(
            text("read_file", { path: n % 2 === 0 ? "d/file.txt" : "d/deep/file.txt" }),
          )
          assert.notInclude(answer, outsideMark)
          assert.notInclude(answer, "guarded-content")
          const key = answer.startsWith("inside-content") ? "read" : "refused"
          seen.set(key, (seen.get(key) ?? 0) + 1)
        }
        assert.isAbove(seen.get("read") ?? 0, 0)
        assert.isAbove(seen.get("refused") ?? 0, 0)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("is written to only where it is itself", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside, hooks, target } = yield* lay(place)
        const before = picture([outside, hooks])
        const child = yield* swapping(target, [`s${outside}`, `s${hooks}`])
        let written = 0
        for (let n = 0; n < writes || (written === 0 && n < 20 * writes); n++) {
          const name = ["d/file.txt", "d/new.txt", "d/deep/other.txt", "d/made/new.txt"][n % 4]!
          const answer = yield* answers(text("write_file", { path: name, content: `written ${n}\n` }))
          if (answer.includes("bytes written")) written++
          if (n % 4 !== 0) continue
          yield* answers(
            text("edit_file", { path: "d/file.txt", old_string: "written", new_string: "edited" }),
          )
        }
        assert.isAbove(written, 0)
        assert.isTrue(child.connected)
        assert.strictEqual(picture([outside, hooks]), before)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("is searched only where it is itself", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside, target } = yield* lay(place)
        // many files, so that a search is under way when the folder is swapped
        for (const [folder, content] of [
          [join(place.workspace, "d"), "inside-content\n"],
          [outside, outsideMark],
        ] as const)
          for (let n = 0; n < 200; n++) {
            fs.mkdirSync(join(folder, `many${n}`))
            fs.writeFileSync(join(folder, `many${n}/file.txt`), content)
          }
        yield* swapping(target, [`s${outside}`])
        let found = 0
        for (let n = 0; n < searches || (found === 0 && n < 20 * searches); n++) {
          const answer = yield* answers(
            text("grep_search", { pattern: "content", ...(n % 3 === 0 ? {} : { output_mode: "content" }) }),
          )
          assert.notInclude(answer, outsideMark)
          assert.notInclude(answer, "only-outside")
          if (answer.includes("d/many")) found++
        }
        assert.isAbove(found, 0)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("is listed only where it is itself", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside, target } = yield* lay(place)
        yield* swapping(target, [`s${outside}`])
        let listed = 0
        for (let n = 0; n < reads || (listed === 0 && n < 20 * reads); n++) {
          const answer = yield* answers(
            text("glob_search", n % 2 === 0 ? { pattern: "**/*.txt" } : { pattern: "*.txt", path: "d" }),
          )
          assert.notInclude(answer, "only-outside")
          if (answer.includes("d/file.txt")) listed++
        }
        assert.isAbove(listed, 0)
      }).pipe(Effect.scoped),
    ),
  )
})

describe("a file that is swapped for others in a loop", () => {
  it.live("is never read through a link, or by the second name of a file outside or of a secret", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside } = yield* lay(place)
        const target = join(place.workspace, "d/file.txt")
        const secret = join(place.workspace, "config/.env")
        yield* swapping(target, [`s${outside}/file.txt`, `h${outside}/file.txt`, `s${secret}`])
        let read = 0
        for (let n = 0; n < reads || (read === 0 && n < 20 * reads); n++) {
          const answer = yield* answers(text("read_file", { path: "d/file.txt" }))
          assert.notInclude(answer, outsideMark)
          assert.notInclude(answer, "guarded-content")
          if (answer.startsWith("inside-content")) read++
        }
        assert.isAbove(read, 0)
      }).pipe(Effect.scoped),
    ),
  )

  it.live("is never changed through one", () =>
    withTools(({ place, text }) =>
      Effect.gen(function* () {
        const { outside } = yield* lay(place)
        const target = join(place.workspace, "d/file.txt")
        const before = picture([outside])
        yield* swapping(target, [`s${outside}/file.txt`, `s${outside}/only-outside.txt`])
        for (let n = 0; n < writes; n++)
          yield* answers(text("write_file", { path: "d/file.txt", content: `written ${n}\n` }))
        assert.strictEqual(picture([outside]), before)
      }).pipe(Effect.scoped),
    ),
  )
})

describe("what a name stands for when it is used", () => {
  it.live("is refused where that is a secret, Claw's own, or obeyed by others, whatever the name was", () =>
    withTools(({ place, run }) =>
      Effect.gen(function* () {
        yield* Effect.promise(() =>
          put(place, {
            ".env": "A=1\n",
            ".claw/log": "x",
            ".claw/policies/a.toml": "",
            ".gitattributes": "x\n",
            "src/a": "x\n",
          }),
        )
        const links = {
          notes: ".env",
          journal: ".claw/log",
          later: ".gitattributes",
          hooks: ".git",
          own: ".claw/policies/a.toml",
        }
        for (const [name, to] of Object.entries(links)) fs.symlinkSync(to, join(place.workspace, name))
        const message = (tool: string, input: Readonly<Record<string, unknown>>) =>
          Effect.map(Effect.flip(run(tool, input)), (error) => error.message)
        assert.match(yield* message("read_file", { path: "notes" }), /\.env holds credentials/)
        assert.match(yield* message("read_file", { path: "journal" }), /is Claw's own/)
        assert.strictEqual((yield* run("read_file", { path: "own" })).ok, true)
        for (const [path, reason] of [
          ["notes", /holds credentials/],
          ["own", /is Claw's own/],
          ["later", /run by other programs later/],
          ["hooks/hooks/x", /belongs to git|nothing/],
        ] as const)
          assert.match(yield* message("write_file", { path, content: "x" }), reason)
      }),
    ),
  )

  it.live("is refused where it also has a name outside, and taken where all its names are inside", () =>
    withTools(({ place, run, text }) =>
      Effect.gen(function* () {
        yield* Effect.promise(() =>
          put(place, { "src/a": "twice here\n", "node_modules/p/x": "from the store\n" }),
        )
        fs.linkSync(join(place.workspace, "src/a"), join(place.workspace, "src/b"))
        fs.writeFileSync(join(place.home, "far"), outsideMark)
        fs.linkSync(join(place.home, "far"), join(place.workspace, "src/c"))
        fs.linkSync(join(place.workspace, "node_modules/p/x"), join(place.home, "store"))
        assert.strictEqual(yield* text("read_file", { path: "src/b" }), "twice here")
        assert.strictEqual(yield* text("read_file", { path: "node_modules/p/x" }), "from the store")
        for (const call of [
          run("read_file", { path: "src/c" }),
          run("write_file", { path: "src/c", content: "x" }),
          run("edit_file", { path: "src/c", old_string: "outside", new_string: "x" }),
        ])
          assert.match((yield* Effect.flip(call)).message, /also has a name outside the workspace/)
        assert.strictEqual(fs.readFileSync(join(place.home, "far"), "utf8"), outsideMark)
      }),
    ),
  )
})
