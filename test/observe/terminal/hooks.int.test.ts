/** The hooks in real interactive shells, drained by the real source. */
import { Buffer } from "node:buffer"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { EventDraft } from "../../../src/domain/event.ts"
import { hookScript } from "../../../src/observe/terminal/hookScript.ts"
import { shells, type Shell } from "../../../src/observe/terminal/spoolFormat.ts"
import { commandsOf, lostOf, runSource } from "./drain.ts"
import { isInstalled, startShell } from "./interactiveShell.ts"
import { removeTree } from "../../removeTree.ts"

let root: string
let spoolDir: string
let home: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "claw-hooks-"))
  spoolDir = join(root, "spool")
  home = join(root, "home")
  mkdirSync(spoolDir, { mode: 0o700 })
})
afterEach(() => removeTree(root))

const spools = (): ReadonlyArray<string> => readdirSync(spoolDir).filter((name) => !name.startsWith("."))
const spooled = (): string =>
  spools()
    .map((name) => readFileSync(join(spoolDir, name), "latin1"))
    .join("")
const drained = async (count: number, log: Array<EventDraft> = []) => {
  const source = runSource({ spoolDir }, log)
  await source.until((drafts) => commandsOf(drafts).length >= count)
  await source.stop()
  expect(lostOf(log)).toEqual([])
  return commandsOf(log)
}
const loop: Record<Shell, string> = {
  zsh: "for i in 1 2\ndo echo $i\ndone",
  bash: "for i in 1 2\ndo echo $i\ndone",
  fish: "for i in 1 2\necho $i\nend",
}

describe.each(shells.filter(isInstalled))("%s hook", (shell) => {
  it("records what ran, where, how it ended and how long it took", async () => {
    const sh = await startShell({ shell, home, spoolDir })
    await sh.run("echo hello")
    await sh.run("cd /")
    await sh.run("sh -c 'sleep 0.3; exit 7'")
    await sh.run("echo 日本語 'a  b' é")
    await sh.run(loop[shell])
    await sh.run('echo "q\'*?[]{}\\$HOME" # %s %n \\037')
    await sh.run("echo " + "y".repeat(5000))
    await sh.run("sh -c 'kill -9 $$'")
    const commands = await drained(8)
    await sh.exit()
    expect(commands.map((one) => one.command)).toEqual([
      "echo hello",
      "cd /",
      "sh -c 'sleep 0.3; exit 7'",
      "echo 日本語 'a  b' é",
      shell === "bash" ? "for i in 1 2; do echo $i; done" : loop[shell],
      'echo "q\'*?[]{}\\$HOME" # %s %n \\037',
      ("echo " + "y".repeat(5000)).slice(0, 1800),
      "sh -c 'kill -9 $$'",
    ])
    expect(commands.map((one) => one.exit)).toEqual([0, 0, 7, 0, 0, 0, 0, 137])
    expect(commands.map((one) => one.cwd)).toEqual([home, home, "/", "/", "/", "/", "/", "/"])
    expect(commands.map((one) => one.truncated === true)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
      true,
      false,
    ])
    expect(commands[2]!.durationMs).toBeGreaterThanOrEqual(290)
    const now = Date.now()
    for (const one of commands) {
      expect(one.shell).toBe(shell)
      expect(one.authorKind).toBe("user")
      expect(one.session).toMatch(new RegExp(`^${shell}-${sh.pid}-\\d{16}$`))
      expect(Math.abs(Date.parse(one.startedAt) - now)).toBeLessThan(120_000)
    }
  })

  it("leaves its spool private, in a file of the shell's own", async () => {
    const sh = await startShell({ shell, home, spoolDir, before: "umask 022" })
    await sh.run("echo one")
    for (const name of readdirSync(spoolDir))
      if (name !== ".clock") expect(statSync(join(spoolDir, name)).mode & 0o777).toBe(0o600)
    expect(spools()).toHaveLength(1)
    await sh.run("umask > mask")
    expect(readFileSync(join(home, "mask"), "utf8").trim()).toBe(shell === "zsh" ? "022" : "0022")
    await sh.exit()
  })

  it("keeps the bytes of a command, also RS LF, without letting it forge a record", async () => {
    const sh = await startShell({ shell, home, spoolDir })
    // Ctrl-V takes the next byte literally in all three line editors; fish has no such key for LF.
    const us = Buffer.from([0x16, 0x1f])
    const rs = Buffer.from([0x16, 0x1e])
    if (shell === "fish") await sh.run("eval 'echo a'\\x1f'b'")
    else {
      const lf = Buffer.from([0x16, 0x0a])
      await sh.run(
        Buffer.concat([
          Buffer.from("echo 'a"),
          us,
          Buffer.from("b"),
          rs,
          lf,
          Buffer.from("c"),
          us,
          Buffer.from("x'"),
        ]),
      )
    }
    await sh.run("echo after")
    const commands = await drained(2)
    await sh.exit()
    expect(commands.map((one) => one.command)).toEqual([
      shell === "fish" ? "eval 'echo a'\\x1f'b'" : "echo 'a\x1fb\x1e \nc\x1fx'",
      "echo after",
    ])
  })

  it("never writes commands with a leading space, and empty lines are no commands", async () => {
    const sh = await startShell({
      shell,
      home,
      spoolDir,
      before: shell === "bash" ? "HISTCONTROL=ignorespace" : "",
    })
    await sh.run("echo one")
    await sh.run(" echo top-secret-1")
    await sh.run("   echo top-secret-2 | cat")
    await sh.run("")
    await sh.run("echo two")
    const commands = await drained(2)
    expect(commands.map((one) => one.command)).toEqual(["echo one", "echo two"])
    for (const name of readdirSync(spoolDir))
      expect(readFileSync(join(spoolDir, name), "latin1")).not.toContain("top-secret")
    await sh.exit()
  })

  it("marks the commands of another agent", async () => {
    const sh = await startShell({ shell, home, spoolDir, env: { CLAUDECODE: "1" } })
    await sh.run("echo one")
    expect((await drained(1))[0]!.authorKind).toBe("agent")
    await sh.exit()
  })

  it("is off in Claw's own shells and where the directory is missing", async () => {
    const own = await startShell({ shell, home, spoolDir, env: { CLAW_AGENT: "1" } })
    await own.run("echo one")
    await own.exit()
    expect(readdirSync(spoolDir)).toEqual([])
    const none = await startShell({ shell, home, spoolDir: join(root, "none") })
    expect(await none.run("echo quiet")).toContain("quiet")
    expect(await none.run("false")).not.toMatch(/No such|no such|claw/)
    await none.exit()
  })

  it("goes on when spool and directory vanish, and writes again once they are back", async () => {
    const sh = await startShell({ shell, home, spoolDir })
    await sh.run("echo one")
    const first = spools()[0]!
    rmSync(spoolDir, { recursive: true })
    expect(await sh.run("echo quiet")).not.toMatch(/such file/i)
    mkdirSync(spoolDir, { mode: 0o700 })
    await sh.run("echo two")
    expect(spools()).toHaveLength(1)
    expect(spools()[0]).not.toBe(first)
    expect((await drained(1)).map((one) => one.command)).toEqual(["echo two"])
    await sh.exit()
  })

  it("leaves the status alone, for the prompt and for other hooks", async () => {
    const others: Record<Shell, string> = {
      zsh: "o() { print -r other=$? >> $HOME/seen }; autoload -Uz add-zsh-hook; add-zsh-hook precmd o",
      bash: 'o() { local s=$?; echo other=$s >> "$HOME/seen"; return $s; }; PROMPT_COMMAND="o${PROMPT_COMMAND:+;$PROMPT_COMMAND}"',
      fish: "function o --on-event fish_postexec; echo other=$status >> $HOME/seen; end",
    }
    const later: Record<Shell, string> = {
      zsh: "p() { print -r later=$? >> $HOME/seen }; precmd_functions+=(p)",
      bash: 'PROMPT_COMMAND="$PROMPT_COMMAND"$\'\\n\'"echo later=\\$? >> \\"\\$HOME/seen\\""',
      fish: "function p --on-event fish_postexec; echo later=$status >> $HOME/seen; end",
    }
    const sh = await startShell({ shell, home, spoolDir, before: others[shell], after: later[shell] })
    const exit7 = shell === "fish" ? "sh -c 'exit 7'" : "(exit 7)"
    rmSync(join(home, "seen"), { force: true })
    await sh.run(exit7)
    expect(await sh.run("echo status=$" + (shell === "fish" ? "status" : "?"))).toContain("status=7")
    const seen = readFileSync(join(home, "seen"), "utf8").split("\n")
    expect(seen.slice(0, 2)).toEqual(["other=7", "later=7"])
    await sh.exit()
    expect(spooled()).toContain("exit 7")
  })

  it("is off in a shell that is not interactive", () => {
    const file = join(root, "hook")
    writeFileSync(file, hookScript(shell, { spoolDir }))
    const out = execFileSync(shell, ["-c", `source '${file}'; echo ran`], { encoding: "utf8" })
    expect(out).toBe("ran\n")
    expect(readdirSync(spoolDir)).toEqual([])
  })
})
