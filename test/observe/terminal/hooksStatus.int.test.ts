import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { benchHooks } from "../../../src/observe/terminal/bench.ts"
import { hookScript, rcLine } from "../../../src/observe/terminal/hookScript.ts"
import { hooksStatus, type HooksStatusOptions } from "../../../src/observe/terminal/hooksStatus.ts"

let root: string
let options: HooksStatusOptions
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "claw-status-"))
  const hook = (shell: string): string => join(root, ".config/claw", `hook.${shell}`)
  options = {
    home: root,
    env: {},
    spoolDir: join(root, "spool"),
    hookFiles: { zsh: hook("zsh"), bash: hook("bash"), fish: hook("fish") },
  }
  mkdirSync(join(root, ".config/claw"), { recursive: true })
  mkdirSync(join(root, ".config/fish/conf.d"), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe("hooksStatus", () => {
  it("says that nothing is there", () => {
    const status = hooksStatus(options)
    expect(status.spoolWritable).toBe(false)
    expect(status.spoolDetail).toContain("does not exist")
    expect(
      status.shells.map((one) => [one.installedIn, one.hookFile, one.liveShells, one.lastWriteAt]),
    ).toEqual([
      [null, "missing", 0, null],
      [null, "missing", 0, null],
      [null, "missing", 0, null],
    ])
    expect(status.shells.map((one) => one.rcFile)).toEqual([
      join(root, ".zshrc"),
      join(root, ".bashrc"),
      join(root, ".config/fish/config.fish"),
    ])
  })

  it("finds the line wherever a shell reads it, and not in a comment", () => {
    mkdirSync(join(root, "zdot"))
    writeFileSync(join(root, "zdot/.zshrc"), `# nothing\n${rcLine("zsh", options.hookFiles.zsh)}\n`)
    writeFileSync(join(root, ".bashrc"), `  # . ${options.hookFiles.bash}\n`)
    writeFileSync(join(root, ".config/fish/conf.d/claw.fish"), "source ~/.config/claw/hook.fish\n")
    const status = hooksStatus({ ...options, env: { ZDOTDIR: join(root, "zdot") } })
    expect(status.shells.map((one) => one.installedIn)).toEqual([
      join(root, "zdot/.zshrc"),
      null,
      join(root, ".config/fish/conf.d/claw.fish"),
    ])
  })

  it("tells a hook of this version from another, and when which shell wrote", () => {
    writeFileSync(options.hookFiles.zsh, hookScript("zsh"))
    writeFileSync(options.hookFiles.bash, hookScript("bash") + "# edited\n")
    mkdirSync(options.spoolDir, { mode: 0o700 })
    const spool = join(options.spoolDir, `zsh-${process.pid}-${Date.now() * 1000}`)
    writeFileSync(spool, "")
    writeFileSync(join(options.spoolDir, "zsh-4194999-1700000000000000"), "")
    const status = hooksStatus(options)
    expect(status.spoolWritable).toBe(true)
    expect(status.shells.map((one) => one.hookFile)).toEqual(["current", "outdated", "missing"])
    expect(status.shells[0]).toMatchObject({ liveShells: 1 })
    expect(Date.parse(status.shells[0]!.lastWriteAt!)).toBeGreaterThanOrEqual(
      Math.floor(statSync(spool).mtimeMs),
    )
    chmodSync(options.spoolDir, 0o755)
    expect(hooksStatus(options)).toMatchObject({ spoolWritable: false, spoolDetail: "is open to others" })
  })
})

describe("benchHooks", () => {
  it("measures each shell beside an empty hook, on records really written", async () => {
    const rows = await benchHooks({ prompts: 20, rounds: 1 })
    expect(rows.map((row) => row.name)).toEqual(["hook.zsh", "hook.bash", "hook.fish"])
    for (const row of rows) {
      expect(row).toMatchObject({ unit: "us/prompt", goal: 1000, met: row.claw < 1000 })
      expect(row.peerValue).toBeGreaterThan(0)
    }
  })
})
