/** Programs that ask at a real terminal, in the foreground of a real shell. */
import { assert, describe, it } from "@effect/vitest"
import { spawn, type ChildProcess } from "node:child_process"
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach } from "vitest"
import type { SpoolName } from "../../../src/observe/terminal/spoolFormat.ts"
import { WaitingPrograms, waitingProgram, waitsMs } from "../../../src/observe/terminal/waitingPrograms.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let terminal: ChildProcess | null = null
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "claw-waiting-")))
})
afterEach(() => {
  terminal?.kill("SIGKILL")
  terminal = null
  removeTree(root)
})

const until = async <A>(look: () => A | null | false): Promise<A> => {
  for (;;) {
    const found = look()
    if (found !== null && found !== false) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** An interactive shell on a terminal of its own, that says its id. */
const openShell = async (): Promise<SpoolName> => {
  const file = join(root, "pid")
  terminal = spawn("script", ["-qfc", "bash --norc --noprofile -i", "/dev/null"], {
    cwd: root,
    stdio: ["pipe", "ignore", "ignore"],
    env: { PATH: process.env["PATH"], HOME: root, TERM: "dumb" },
  })
  type(`echo $$ > ${file}`)
  // the file is there a moment before its text
  const pid = await until(() => (existsSync(file) && Number(readFileSync(file, "utf8").trim())) || null)
  return { shell: "bash", pid, startedMs: 0, session: `bash-${pid}-1` }
}
const type = (line: string): void => {
  terminal!.stdin!.write(`${line}\n`)
}
const foreground = (pid: number): string => readFileSync(`/proc/${pid}/stat`, "latin1").split(" ")[7]!
const runs = (name: SpoolName) => until(() => foreground(name.pid) !== String(name.pid))

describe.skipIf(!existsSync("/proc/self/wchan") || !existsSync("/usr/bin/script"))("waiting programs", () => {
  it("a script that asks is seen; answered, it is gone", async () => {
    const name = await openShell()
    writeFileSync(join(root, "deploy.sh"), 'read -p "Continue? [y/N] " answer\n')
    type("bash deploy.sh")
    const waiting = await until(() => waitingProgram(name))
    assert.strictEqual(waiting.program, "bash deploy.sh")
    assert.strictEqual(waiting.cwd, root)
    type("y")
    await until(() => foreground(name.pid) === String(name.pid))
    assert.isNull(waitingProgram(name))
  })
  it("who works, or talks all the time, does not wait", async () => {
    const name = await openShell()
    type("sleep 60")
    await runs(name)
    // a ctrl-C between fork and exec would be lost
    await until(() => readFileSync(`/proc/${foreground(name.pid)}/comm`, "utf8") === "sleep\n")
    assert.isNull(waitingProgram(name))
    terminal!.stdin!.write("\u0003")
    await until(() => foreground(name.pid) === String(name.pid))
    type("cat")
    const cat = Number(await until(() => foreground(name.pid) !== String(name.pid) && foreground(name.pid)))
    await until(
      () =>
        readFileSync(`/proc/${cat}/wchan`, "utf8") === "wait_woken" ||
        readFileSync(`/proc/${cat}/wchan`, "utf8") === "n_tty_read",
    )
    assert.isNull(waitingProgram(name))
  })
  it("is said once, after it has waited all the time", async () => {
    const name = await openShell()
    writeFileSync(join(root, "deploy.sh"), 'read -p "Continue? [y/N] " answer\n')
    type("bash deploy.sh")
    await until(() => waitingProgram(name))
    const programs = new WaitingPrograms()
    assert.deepStrictEqual(programs.look([name], 0), [])
    assert.deepStrictEqual(programs.look([name], waitsMs - 1), [])
    assert.strictEqual(programs.look([name], waitsMs)[0]?.waitedMs, waitsMs)
    assert.deepStrictEqual(programs.look([name], 2 * waitsMs), [])
  })
  it("a shell that is gone waits for nothing", () => {
    const gone = Math.max(...readdirSync("/proc").map(Number).filter(Number.isInteger)) + 100_000
    assert.isNull(waitingProgram({ shell: "zsh", pid: gone, startedMs: 0, session: "zsh-1-1" }))
  })
})
