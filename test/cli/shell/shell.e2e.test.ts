/** `claw shell` as a person has it: their own shell, on a terminal that is one. No daemon runs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { ask } from "../../../src/observe/terminal/output/ask.ts"
import { parseMeans } from "../../../src/observe/terminal/output/means.ts"
import type { Shell } from "../../../src/observe/terminal/spoolFormat.ts"
import { splitRecords } from "../../../src/observe/terminal/splitRecords.ts"
import { isInstalled } from "../../observe/terminal/interactiveShell.ts"
import { clawShell, prompt, type ShellWorld, shellWorld, Terminal } from "./shellWorld.ts"
import { removeTree } from "../../removeTree.ts"

const open: Array<readonly [Terminal, ShellWorld]> = []
afterEach(async () => {
  for (const [terminal, world] of open.splice(0)) {
    await terminal.close()
    // what was killed may still write its history
    removeTree(world.home)
  }
})
const start = async (shell: Shell, argv = clawShell): Promise<readonly [Terminal, ShellWorld]> => {
  const world = shellWorld(shell)
  const terminal = new Terminal(argv, world)
  open.push([terminal, world])
  await terminal.until(prompt)
  return [terminal, world]
}

const spoolOf = ({ home }: ShellWorld): string => join(home, "run", "claw", "spool")
const recordsOf = (world: ShellWorld, shell: Shell) =>
  readdirSync(spoolOf(world))
    .filter((name) => name.startsWith(shell))
    .flatMap((name) => splitRecords(readFileSync(join(spoolOf(world), name)), shell, false).items)
    .flatMap((item) => (item.kind === "record" ? [item.record] : []))
/** What the daemon would be told of the command, by the means its record names. */
const outputOf = async (world: ShellWorld, shell: Shell, command: string): Promise<string | null> => {
  const record = recordsOf(world, shell).find((one) => one.command === command)!
  return ask(parseMeans(record.means)!, command, {
    shellsDir: join(world.home, "run", "claw", "shells"),
    env: {},
    limitMs: 10_000,
  })
}
const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)))

describe.each((["bash", "zsh", "fish"] as const).filter(isInstalled))("%s", (shell) => {
  it("is the user's own with the hook in it, tells what commands printed, and hands its exit code on", async () => {
    const [terminal, world] = await start(shell)
    await terminal.line("ls /none/such")
    await terminal.line(`echo mine=$mine; env | grep -c CLAW_SHELL`)
    await terminal.line(" echo hidden")
    expect(await outputOf(world, shell, "ls /none/such")).toMatch(/^ls: cannot access '\/none\/such'/)
    const second = recordsOf(world, shell)[1]!
    expect(await outputOf(world, shell, second.command)).toBe("mine=1\n0")
    expect(recordsOf(world, shell).length).toBe(2)
    // nothing but what was there before is on the screen
    expect(terminal.drawn).not.toContain("133")
    terminal.type("exit 7\r")
    expect(await terminal.ended).toMatchObject({ exitCode: 7 })
    expect(readdirSync(join(world.home, "run", "claw", "shells"))).toEqual([])
  })

  it("takes no mark from a program, whatever it prints", async () => {
    const [terminal, world] = await start(shell)
    const forged = `printf 'a\\n\\033]133;D;0;claw=%032d;1\\007\\033]133;C;claw=%032d;9\\007b\\n' 0 0`
    await terminal.line(forged)
    expect(await outputOf(world, shell, forged)).toBe("a\nb")
  })
})

describe("job control", () => {
  it("leaves ctrl-C, ctrl-Z, fg and background jobs to the shell", async () => {
    const [terminal] = await start("bash")
    // it says itself that it runs: before that a ctrl-C would clear the line, or fall between fork and exec
    terminal.type("sh -c 'echo now-$((40 + 2)); exec sleep 60'\r")
    await terminal.until("now-42")
    terminal.type("\u0003")
    await terminal.until(prompt)
    expect(await terminal.line("echo code=$?")).toContain("code=130")
    terminal.type("cat\r")
    await terminal.until("cat\r\n")
    terminal.type("first\r")
    await terminal.until("first\r\nfirst")
    terminal.type("\u001a")
    expect(await terminal.until(prompt)).toContain("Stopped")
    terminal.type("fg\r")
    await terminal.until("fg\r\ncat")
    terminal.type("second\r")
    await terminal.until("second\r\nsecond")
    terminal.type("\u0004")
    await terminal.until(prompt)
    await terminal.line("sleep 0.05 & wait; echo done=$?")
    expect(terminal.drawn).toContain("done=0")
  })

  it("hands on sizes, and gives the terminal back as it was", async () => {
    const world = shellWorld("bash")
    const script = join(world.home, "around.sh")
    writeFileSync(
      script,
      `stty -g > before; ${clawShell.map((word) => `'${word}'`).join(" ")}; echo rc=$?; stty -g > after; echo end\n`,
    )
    const terminal = new Terminal(["/bin/sh", script], world)
    open.push([terminal, world])
    await terminal.until(prompt)
    expect(await terminal.line("stty size")).toContain("24 80")
    terminal.resize(101, 33)
    await terminal.line("until [ \"$(stty size)\" = '33 101' ]; do sleep 0.01; done")
    terminal.type("kill -9 $$\r")
    await terminal.until("rc=137")
    await terminal.until("end")
    expect(readFileSync(join(world.home, "after"), "utf8")).toBe(
      readFileSync(join(world.home, "before"), "utf8"),
    )
  })

  it("ends its shell when the terminal hangs up", async () => {
    const [terminal, world] = await start("bash")
    await terminal.line("echo $$ > pid")
    const pid = Number(readFileSync(join(world.home, "pid"), "utf8"))
    process.kill(terminal.pid, "SIGHUP")
    await terminal.ended
    expect(() => process.kill(pid, 0)).toThrow("ESRCH")
  })
})

describe("programs that draw the whole screen", () => {
  const text = Array.from({ length: 200 }, (_, n) => `line ${n} 日本 ${"x".repeat(n % 90)}`).join("\n")
  const drive: Readonly<
    Record<string, { readonly args: string; readonly keys: string; readonly done: RegExp }>
  > = {
    vim: {
      args: "-u NONE -i NONE -n",
      keys: "40Gdd:set number\rihello\u001b:5,9d\rG",
      done: /194[^]*--|194 line 199/,
    },
    less: { args: "-N", keys: "/line 77\r", done: /^ *78 line 77 日本[^]*\n:\s*$/ },
  }
  it.each(Object.keys(drive).filter(onPath))("draws what it draws without: %s", async (program) => {
    const { args, keys, done } = drive[program]!
    const screens: Array<string> = []
    for (const argv of [["/bin/bash", "-i"] as const, clawShell]) {
      const [terminal, world] = await start("bash", argv as typeof clawShell)
      writeFileSync(join(world.home, "f.txt"), `${text}\n`)
      terminal.type(`clear; ${program} ${args} f.txt\r`)
      await terminal.shows((screen) => screen.includes("line 5 "))
      terminal.type(keys)
      screens.push(await terminal.shows((screen) => done.test(screen)))
    }
    expect(screens[1]).toBe(screens[0])
  })
})

describe("a flood", () => {
  it("comes through whole, and is held in bounds", async () => {
    const [terminal, world] = await start("bash")
    const flood = "seq 400000; false"
    const shown = await terminal.line(flood)
    expect(shown).toContain("\r\n400000\r\n")
    expect(shown.split("\r\n").filter((line) => /^\d+$/.test(line)).length).toBe(400_000)
    const held = (await outputOf(world, "bash", flood))!
    expect(held.length).toBeLessThan(1_100_000)
    expect(held.startsWith("1\n2\n3\n")).toBe(true)
    expect(held.endsWith("\n400000")).toBe(true)
    expect(held).toMatch(/\n\.\.\. \d+ bytes left out \.\.\.\n/)
  })
})
