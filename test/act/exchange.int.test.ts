/** Many paths exchanged as one: all or none, whatever fails half-way, also over a kill at any step. */
import { spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { afterEach, assert, describe, it } from "@effect/vitest"
import { exchange, recover, type Place, type Roots } from "../../src/act/exchange.ts"
import { absentState, captureSync } from "../../src/act/pathState.ts"
import { removeTree } from "../removeTree.ts"

const folders: Array<string> = []
const fresh = (base = tmpdir()): string => {
  const folder = fs.realpathSync(fs.mkdtempSync(join(base, "claw-exchange-")))
  folders.push(folder)
  return folder
}
afterEach(() => {
  for (const folder of folders.splice(0)) removeTree(folder)
})

/** Kind, mode, time, content and inode of everything but the staging folder. */
const stateOf = (folder: string): Record<string, string> => {
  const result: Record<string, string> = {}
  const visit = (path: string, name: string): void => {
    const found = fs.lstatSync(path, { bigint: true })
    const mode = (found.mode & 0o7777n).toString(8)
    if (found.isDirectory()) {
      result[name] = `dir ${mode}`
      for (const child of fs.readdirSync(path)) visit(join(path, child), `${name}/${child}`)
    } else if (found.isSymbolicLink()) result[name] = `link ${fs.readlinkSync(path)} ${found.mtimeNs}`
    else result[name] = `file ${mode} ${found.mtimeNs} ${fs.readFileSync(path, "latin1")}`
  }
  visit(folder, ".")
  return result
}

const text = (path: string, content: string, mode = 0o644) => ({
  state: {
    path,
    kind: "file" as const,
    mode,
    mtimeNs: "1700000000123456789",
    bytes: content.length,
    hash: createHash("sha256").update(content).digest("hex"),
  },
  bytes: Buffer.from(content),
})

/** A folder with one of each kind of way: replaced, gone, new, turned from file to folder and back, linked, chmodded. */
const scene = (base?: string) => {
  const workspace = fresh(base)
  const at = (name: string): string => join(workspace, name)
  fs.writeFileSync(at("replaced"), "now")
  fs.mkdirSync(at("goes/deep"), { recursive: true })
  fs.writeFileSync(at("goes/deep/file"), "goes")
  fs.writeFileSync(at("file-to-folder"), "a file")
  fs.mkdirSync(at("folder-to-file"))
  fs.writeFileSync(at("folder-to-file/inside"), "x")
  fs.writeFileSync(at("to-link"), "no link")
  fs.mkdirSync(at("closed"), { mode: 0o750 })
  fs.writeFileSync(at("closed/inner"), "y")
  const now = (name: string) => captureSync(at(name), [workspace], 1e6).state
  const absent = (name: string) => ({ state: absentState(at(name)), bytes: null })
  const folder = (name: string, mode: number) => ({
    state: { ...absentState(at(name)), kind: "dir" as const, mode },
    bytes: null,
  })
  const link = (name: string, target: string) => ({
    state: { ...text(at(name), target).state, kind: "link" as const, mode: 0o777 },
    bytes: Buffer.from(target),
  })
  const places: ReadonlyArray<Place> = [
    { now: now("replaced"), target: text(at("replaced"), "before", 0o600) },
    { now: now("goes"), target: absent("goes") },
    { now: now("goes/deep"), target: absent("goes/deep") },
    { now: now("goes/deep/file"), target: absent("goes/deep/file") },
    { now: now("new"), target: folder("new", 0o555) },
    { now: now("new/file"), target: text(at("new/file"), "new") },
    { now: now("file-to-folder"), target: folder("file-to-folder", 0o700) },
    { now: now("file-to-folder/inside"), target: text(at("file-to-folder/inside"), "z") },
    { now: now("folder-to-file"), target: text(at("folder-to-file"), "a file now") },
    { now: now("folder-to-file/inside"), target: absent("folder-to-file/inside") },
    { now: now("to-link"), target: link("to-link", "../elsewhere") },
    { now: now("closed"), target: folder("closed", 0o500) },
    { now: now("closed/inner"), target: text(at("closed/inner"), "before") },
  ]
  const roots: Roots = { workspace, git: [] }
  return { workspace, at, places, roots }
}
const done = {
  ".": "dir 700",
  "./replaced": "file 600 1700000000123456789 before",
  "./new": "dir 555",
  "./new/file": "file 644 1700000000123456789 new",
  "./file-to-folder": "dir 700",
  "./file-to-folder/inside": "file 644 1700000000123456789 z",
  "./folder-to-file": "file 644 1700000000123456789 a file now",
  "./to-link": "link ../elsewhere 1700000000123456789",
  "./closed": "dir 500",
  "./closed/inner": "file 644 1700000000123456789 before",
}

const rejected = async (promise: Promise<void>): Promise<string> => {
  try {
    await promise
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  throw new Error("it did not fail")
}

describe("exchange", () => {
  it("puts every kind of path into its state, exact to the nanosecond, and leaves nothing behind", async () => {
    const { places, roots, workspace } = scene()
    await exchange(places, roots, [])
    assert.deepStrictEqual(stateOf(workspace), done)
  })

  it("moves everything back where one of them is not what was looked at", async () => {
    for (const name of ["replaced", "closed/inner", "to-link", "goes/deep/file", "new/file"]) {
      const { at, places, roots, workspace } = scene()
      fs.mkdirSync(join(at(name), ".."), { recursive: true })
      fs.writeFileSync(at(name), "somebody's own")
      const before = stateOf(workspace)
      assert.match(await rejected(exchange(places, roots, [])), /changed just now|not empty|EEXIST/, name)
      assert.deepStrictEqual(stateOf(workspace), before, name)
    }
  })

  it("takes no folder with it that holds something else", async () => {
    const { at, places, roots, workspace } = scene()
    fs.writeFileSync(at("goes/mine"), "precious")
    const before = stateOf(workspace)
    await rejected(exchange(places, roots, []))
    assert.deepStrictEqual(stateOf(workspace), before)
  })

  it("does nothing while git holds a lock, and takes only its own locks away", async () => {
    const { at, places, roots, workspace } = scene()
    const lock = at("index.lock")
    fs.writeFileSync(lock, "git's")
    const before = stateOf(workspace)
    assert.match(await rejected(exchange(places, roots, [at("other.lock"), lock])), /git is at work/)
    assert.deepStrictEqual(stateOf(workspace), before)
    fs.unlinkSync(lock)
    await exchange(places, roots, [at("other.lock"), lock])
    assert.deepStrictEqual(stateOf(workspace), done)
  })

  it("lets no journal of a repository's own reach outside, or take a lock that is git's", async () => {
    const workspace = fresh()
    const outside = fresh()
    fs.writeFileSync(join(outside, "0"), "theirs")
    fs.mkdirSync(join(workspace, ".git"))
    fs.writeFileSync(join(workspace, ".git/index.lock"), "git's")
    const stage = join(workspace, ".claw-undo~")
    fs.mkdirSync(stage)
    const move = { n: 0, had: "file", mode: 0o644, becomes: "absent", ino: null }
    for (const journal of [
      { moves: [{ ...move, path: join(workspace, "in"), stage: outside }], stages: [stage] },
      { moves: [{ ...move, path: join(outside, "in"), stage }], stages: [stage] },
      { moves: [], stages: [outside] },
      { moves: [], stages: [join(workspace, "..", ".claw-undo~")] },
    ]) {
      fs.mkdirSync(stage, { recursive: true })
      fs.writeFileSync(join(stage, "a0"), "planted")
      const locks = [join(workspace, ".git/index.lock")]
      fs.writeFileSync(join(stage, "journal"), JSON.stringify({ v: 1, locks, ...journal }))
      assert.isTrue(await recover({ workspace, git: [] }))
      assert.deepStrictEqual(fs.readdirSync(outside), ["0"])
      assert.isTrue(fs.existsSync(join(workspace, ".git/index.lock")))
      assert.isFalse(fs.existsSync(join(workspace, "in")))
      assert.isFalse(fs.existsSync(stage))
    }
  })
})

const canTrace = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"], { stdio: "ignore" }).status === 0

/** The exchange in a process of its own under strace; true where it came to its end. */
const traced = (world: ReturnType<typeof scene>, call: string, inject: string): boolean => {
  const plan = join(fresh(), "plan.json")
  const places = world.places.map(({ now, target }) => ({
    now,
    target: { ...target, bytes: target.bytes === null ? null : Buffer.from(target.bytes).toString("latin1") },
  }))
  fs.writeFileSync(plan, JSON.stringify({ places, roots: world.roots, locks: [world.at("index.lock")] }))
  const module = pathToFileURL(join(import.meta.dirname, "../../src/act/exchange.ts")).href
  const script = `
    import { readFileSync } from "node:fs"
    import { exchange } from ${JSON.stringify(module)}
    const { places, roots, locks } = JSON.parse(readFileSync(${JSON.stringify(plan)}, "utf8"))
    for (const { target } of places) if (target.bytes !== null) target.bytes = Buffer.from(target.bytes, "latin1")
    await exchange(places, roots, locks)
  `
  const options = ["-qq", "-f", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:${inject}`]
  const ran = spawnSync("strace", [...options, process.execPath, "--input-type=module", "-e", script], {
    stdio: "ignore",
    env: { ...process.env, UV_THREADPOOL_SIZE: "1" },
  })
  return ran.status === 0
}

describe("exchange, cut off", () => {
  it.skipIf(!canTrace)(
    "is whole after a kill at any step: nothing happened, or all of it",
    async () => {
      let cutOff = 0
      for (const [call, n] of [
        ["rename", 1],
        ["rename", 4],
        ["rename", 8],
        ["link", 1],
        ["link", 5],
        ["mkdir", 2],
      ] as const) {
        const world = scene()
        const before = stateOf(world.workspace)
        const lived = traced(world, call, `signal=SIGKILL:when=${n}`)
        await recover(world.roots)
        const after = stateOf(world.workspace)
        const all = JSON.stringify(after) === JSON.stringify(done)
        if (!lived && !all) cutOff++
        assert.deepStrictEqual(after, lived || all ? done : before, `${call} ${n}`)
      }
      assert.isAbove(cutOff, 3)
    },
    60_000,
  )

  it.skipIf(!canTrace)(
    "puts everything back where the disk refuses, before anything is moved or in the middle of it",
    () => {
      for (const [call, n] of [
        ["fsync", 2],
        ["rename", 5],
        ["mkdir", 2],
      ] as const) {
        const world = scene()
        const before = stateOf(world.workspace)
        assert.isFalse(traced(world, call, `error=ENOSPC:when=${n}`), `${call} ${n}`)
        assert.deepStrictEqual(stateOf(world.workspace), before, `${call} ${n}`)
      }
    },
    60_000,
  )
})
