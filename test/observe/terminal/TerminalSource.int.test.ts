/** The source over real files: exactly once through downtime, kills and races; hostile spools; many shells. */
import fc from "fast-check"
import { Buffer } from "node:buffer"
import { spawn } from "node:child_process"
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { EventDraft } from "../../../src/domain/event.ts"
import { SpoolReader } from "../../../src/observe/terminal/SpoolReader.ts"
import { shells } from "../../../src/observe/terminal/spoolFormat.ts"
import { commandsOf, lostOf, positionsOf, runSource } from "./drain.ts"
import { isInstalled, startShell } from "./interactiveShell.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let spoolDir: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "claw-source-"))
  spoolDir = join(root, "run", "spool")
  mkdirSync(spoolDir, { recursive: true, mode: 0o700 })
})
afterEach(() => removeTree(root))

const now = (): string => (Date.now() / 1000).toFixed(6)
const record = (command: string, cwd = "/w"): string =>
  `c\x1f${now()}\x1f5\x1f0\x1fuser\x1f${command.length}\x1f${cwd}\x1f${command}\x1e\n`
/** A spool of this process, which is alive, or of one that is not. */
const spool = (alive: boolean, serial = 0): string =>
  join(spoolDir, `zsh-${alive ? process.pid : 2 ** 22 + 77 + serial}-${Date.now() * 1000 + serial}`)
const eventually = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
}
const names = (log: ReadonlyArray<EventDraft>): ReadonlyArray<string> =>
  commandsOf(log).map((one) => one.command)

describe("exactly once", () => {
  it("reads on behind what was logged, also what came while it was down", async () => {
    const file = spool(true)
    writeFileSync(file, record("one"))
    const first = runSource({ spoolDir })
    await first.until((log) => commandsOf(log).length === 1)
    appendFileSync(file, record("two"))
    await first.until((log) => commandsOf(log).length === 2)
    await first.stop()
    appendFileSync(file, record("three"))
    const second = runSource({ spoolDir }, [...first.log])
    await second.until((log) => commandsOf(log).length === 3)
    await second.stop()
    expect(names(second.log)).toEqual(["one", "two", "three"])
    expect(positionsOf(second.log)).toEqual({ [file]: statSync(file).size })
  })

  it("waits for the rest of a record that is only half written", async () => {
    const file = spool(true)
    const text = record("later")
    writeFileSync(file, record("one") + text.slice(0, 20))
    const source = runSource({ spoolDir })
    await source.until((log) => commandsOf(log).length === 1)
    appendFileSync(file, text.slice(20))
    await source.until((log) => commandsOf(log).length === 2)
    await source.stop()
    expect(names(source.log)).toEqual(["one", "later"])
    expect(lostOf(source.log)).toEqual([])
  })

  it("removes the spool of a shell that is gone once its records are durable, and no other", async () => {
    const [mine, gone, reused] = [
      spool(true),
      spool(false),
      join(spoolDir, `bash-${process.pid}-1000000000000000`),
    ]
    for (const file of [mine, gone, reused]) writeFileSync(file, record("x"))
    writeFileSync(join(spoolDir, `.bash-${process.pid}`), "    1  x\n")
    const reader = new SpoolReader(spoolDir, {})
    const part = reader.read(gone.slice(spoolDir.length + 1))
    expect(existsSync(gone)).toBe(true)
    const again = reader.read(gone.slice(spoolDir.length + 1))
    again!.settle()
    expect(existsSync(gone)).toBe(true)
    part!.settle()
    expect(existsSync(gone)).toBe(false)
    const source = runSource({ spoolDir })
    await source.until((log) => commandsOf(log).length === 2)
    await source.stop()
    expect(readdirSync(spoolDir)).toEqual([mine.slice(spoolDir.length + 1)])
  })

  it("keeps a spool that grew after it was read", () => {
    const file = spool(false)
    writeFileSync(file, record("one"))
    const reader = new SpoolReader(spoolDir, {})
    const part = reader.read(file.slice(spoolDir.length + 1))!
    appendFileSync(file, record("two"))
    part.settle()
    expect(readFileSync(file, "utf8")).toContain("two")
  })

  it("logs only commands inside a watched workspace, redacted, and passes over the others", async () => {
    const [mixed, outside] = [spool(true), spool(false)]
    writeFileSync(mixed, record("a", "/other") + record("deploy --key=hunter2", "/w/sub") + record("b", "/"))
    writeFileSync(outside, record("c", "/other"))
    const source = runSource({
      spoolDir,
      workspaceOf: (cwd) => (cwd.startsWith("/w/") ? "/w" : null),
      redact: (text) => text.replace("hunter2", "[redacted]"),
    })
    await source.until((log) => commandsOf(log).length === 1)
    appendFileSync(mixed, record("d", "/w/x"))
    await source.until((log) => commandsOf(log).length === 2)
    await source.stop()
    expect(names(source.log)).toEqual(["deploy --key=[redacted]", "d"])
    expect(JSON.stringify(source.log)).not.toMatch(/hunter2|other/)
    expect(
      source.log.filter((one) => one.type === "terminal.command").map((one) => [one.workspace, one.trust]),
    ).toEqual([
      ["/w", "untrusted"],
      ["/w", "untrusted"],
    ])
    expect(existsSync(outside)).toBe(false)
  })

  it("knows a workspace that a shell came to through a link, and gives its own path", async () => {
    const workspace = join(root, "work")
    mkdirSync(join(workspace, "sub"), { recursive: true })
    symlinkSync(workspace, join(root, "link"))
    writeFileSync(spool(true), record("ls", join(root, "link", "sub")))
    const source = runSource({
      spoolDir,
      workspaceOf: (cwd) => (cwd.startsWith(workspace) ? workspace : null),
    })
    await source.until((log) => commandsOf(log).length === 1)
    await source.stop()
    expect(commandsOf(source.log)[0]!.cwd).toBe(join(workspace, "sub"))
  })

  it("neither loses nor doubles anything when killed again and again while shells write", async () => {
    const logFile = join(root, "log.jsonl")
    writeFileSync(logFile, "")
    const files = Array.from({ length: 4 }, (_, i) => spool(true, i))
    let written = 0
    const write = (): void => {
      for (let i = 0; i < 5; i++)
        appendFileSync(files[written % files.length]!, record(`command ${written++}`))
    }
    const logged = (): ReadonlyArray<string> => readFileSync(logFile, "utf8").split("\n").slice(0, -1)
    const start = () =>
      spawn(process.execPath, [join(import.meta.dirname, "drainChild.ts"), spoolDir, logFile], {
        stdio: ["ignore", "ignore", "inherit"],
      })
    const reached = (lines: number) => eventually(() => logged().length >= lines)
    for (let round = 0; round < 8; round++) {
      for (let i = 0; i < 10; i++) write()
      const before = logged().length
      const child = start()
      const ended = new Promise((resolve) => child.on("close", resolve))
      await reached(before + 1 + round * 5)
      write()
      child.kill("SIGKILL")
      await ended
    }
    const last = start()
    const ended = new Promise((resolve) => last.on("close", resolve))
    await reached(written)
    last.kill("SIGKILL")
    await ended
    const seen = logged().map((line) => (JSON.parse(line) as { command: string }).command)
    expect(seen).toHaveLength(written)
    expect(new Set(seen).size).toBe(written)
  }, 60_000)
})

describe("hostile spools", () => {
  it("makes one loss of a record of ten megabytes and reads the next", async () => {
    const file = spool(true)
    writeFileSync(file, `${record("one")}c\x1f${"x".repeat(10_000_000)}\x1e\n${record("two")}`)
    const source = runSource({ spoolDir })
    await source.until((log) => commandsOf(log).length === 2)
    await source.stop()
    expect(lostOf(source.log)).toMatchObject([{ bytes: 10_000_004 }])
    expect(JSON.stringify(source.log).length).toBeLessThan(5_000)
  })

  it("says what a shell that is gone left unfinished, and removes it", async () => {
    const file = spool(false)
    writeFileSync(file, record("one") + "c\x1f12")
    const source = runSource({ spoolDir })
    await source.until((log) => lostOf(log).length === 1)
    await source.stop()
    expect(lostOf(source.log)).toMatchObject([{ bytes: 4 }])
    expect(existsSync(file)).toBe(false)
  })

  it("begins anew with a spool that was cut or replaced, and says so", async () => {
    const file = spool(true)
    writeFileSync(file, record("one") + record("two"))
    const source = runSource({ spoolDir })
    await source.until((log) => commandsOf(log).length === 2)
    truncateSync(file, 0)
    appendFileSync(file, record("x"))
    await source.until((log) => commandsOf(log).length === 3)
    writeFileSync(join(root, "new"), record("y") + record("z") + record("longer than before"))
    renameSync(join(root, "new"), file)
    await source.until((log) => commandsOf(log).length === 6)
    await source.stop()
    const cut = runSource({ spoolDir, positions: { [file]: 1_000_000 } })
    await cut.until((log) => commandsOf(log).length === 3)
    await cut.stop()
    expect(names(source.log)).toEqual(["one", "two", "x", "y", "z", "longer than before"])
    expect(lostOf(source.log).every((one) => one.bytes === 0 && one.position.offset === 0)).toBe(true)
    expect(lostOf(source.log).length).toBeGreaterThanOrEqual(1)
    expect(lostOf(cut.log)).toHaveLength(1)
  })

  it("leaves alone what is no spool: links, folders, other names", async () => {
    const target = join(root, "target")
    writeFileSync(target, record("linked"))
    symlinkSync(target, spool(true, 1))
    mkdirSync(spool(true, 2))
    writeFileSync(join(spoolDir, "notes.txt"), record("foreign"))
    writeFileSync(spool(true, 3), record("one"))
    const source = runSource({ spoolDir })
    await source.until((log) => commandsOf(log).length === 1)
    await source.stop()
    expect(names(source.log)).toEqual(["one"])
    expect(lostOf(source.log)).toEqual([])
    expect(readdirSync(spoolDir)).toHaveLength(4)
  })

  it("gets through any bytes, to the end, and still finds the record behind them", async () => {
    let serial = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constant(Buffer.from(record("real")))), {
          maxLength: 8,
        }),
        async (parts) => {
          const file = spool(true, ++serial)
          writeFileSync(file, Buffer.concat([...parts, Buffer.from("\x1e\n" + record("last"))]))
          const reader = new SpoolReader(spoolDir, {})
          const part = reader.read(file.slice(spoolDir.length + 1))!
          expect(part.items.at(-1)).toMatchObject({ kind: "record", record: { command: "last" } })
          expect(part.items.at(-1)!.end).toBe(statSync(file).size)
          expect(part.more).toBe(false)
        },
      ),
      { numRuns: 100 },
    )
  })

  it("makes the directory private, and again when it vanishes", async () => {
    rmSync(spoolDir, { recursive: true })
    const source = runSource({ spoolDir })
    await source.until((log) => log.length === 1)
    expect(source.log[0]).toMatchObject({
      type: "daemon.health",
      payload: { component: "source:terminal", state: "running" },
    })
    expect(statSync(spoolDir).mode & 0o777).toBe(0o700)
    const file = spool(true)
    writeFileSync(file, record("one"))
    await source.until((log) => commandsOf(log).length === 1)
    rmSync(spoolDir, { recursive: true })
    await eventually(() => existsSync(spoolDir))
    writeFileSync(spool(true, 9), record("two"))
    await source.until((log) => commandsOf(log).length === 2)
    await source.stop()
  })

  it("says that it cannot work where the directory cannot be made", async () => {
    const file = join(root, "file")
    writeFileSync(file, "")
    const source = runSource({ spoolDir: join(file, "spool") })
    await source.until((log) => log.length === 1)
    await source.stop()
    expect(source.log[0]).toMatchObject({ type: "daemon.health", payload: { state: "failed" } })
  })
})

describe.runIf(shells.some(isInstalled))("many shells", () => {
  it("drains fifty real shells at once", async () => {
    const installed = shells.filter(isInstalled)
    const source = runSource({ spoolDir })
    const work = Array.from({ length: 50 }, async (_, i) => {
      const shell = installed[i % installed.length]!
      const sh = await startShell({ shell, home: join(root, `home${i}`), spoolDir })
      for (let k = 0; k < 4; k++) await sh.run(`echo ${i} ${k}`)
      await sh.kill()
    })
    await Promise.all(work)
    await source.until((log) => commandsOf(log).length >= 200)
    await source.stop()
    const expected = Array.from({ length: 200 }, (_, i) => `echo ${Math.floor(i / 4)} ${i % 4}`)
    expect(names(source.log).toSorted()).toEqual(expected.toSorted())
    for (let i = 0; i < 50; i++)
      expect(names(source.log).filter((one) => one.startsWith(`echo ${i} `))).toHaveLength(4)
    expect(lostOf(source.log)).toEqual([])
    // The shells are gone: a later run finds nothing to log and clears the directory.
    const later = runSource({ spoolDir }, [...source.log])
    await eventually(() => readdirSync(spoolDir).every((name) => name === ".clock"))
    await later.stop()
    expect(commandsOf(later.log)).toHaveLength(200)
  }, 60_000)
})
