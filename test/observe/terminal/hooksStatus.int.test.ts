/** How the hooks stand in the user's own files, and what they cost. */
import { chmodSync, mkdirSync, mkdtempSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { benchHooks } from "../../../src/observe/terminal/bench.ts"
import { hookScript, rcLine } from "../../../src/observe/terminal/hookScript.ts"
import { shells } from "../../../src/observe/terminal/spoolFormat.ts"
import { hooksStatus, type HooksStatusOptions } from "../../../src/observe/terminal/hooksStatus.ts"
import { isInstalled } from "./interactiveShell.ts"
import { removeTree } from "../../removeTree.ts"

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
afterEach(() => removeTree(root))

const status = (more: Partial<HooksStatusOptions> = {}) =>
  Effect.runSync(hooksStatus({ ...options, ...more }))

describe("hooksStatus", () => {
  it("says that nothing is there, and what to do", () => {
    for (const one of status()) {
      expect(one).toMatchObject({
        installed: false,
        hookFile: "missing",
        sourcedBy: null,
        lastRecordAt: null,
      })
      expect(one.detail).toContain(`claw init ${one.shell}`)
    }
  })

  it("finds the line wherever a shell reads it, and not in a comment", () => {
    for (const shell of shells) writeFileSync(options.hookFiles[shell]!, hookScript(shell))
    mkdirSync(join(root, "zdot"))
    writeFileSync(join(root, "zdot/.zshrc"), `# nothing\n${rcLine("zsh", options.hookFiles["zsh"]!)}\n`)
    writeFileSync(join(root, ".bashrc"), `  # . ${options.hookFiles["bash"]}\n`)
    writeFileSync(join(root, ".config/fish/conf.d/claw.fish"), "source ~/.config/claw/hook.fish\n")
    const found = status({ env: { ZDOTDIR: join(root, "zdot") } })
    expect(found.map((one) => one.sourcedBy)).toEqual([
      join(root, "zdot/.zshrc"),
      null,
      join(root, ".config/fish/conf.d/claw.fish"),
    ])
    expect(found.map((one) => one.installed)).toEqual([true, false, true])
    expect(found[1]!.detail).toContain(rcLine("bash", options.hookFiles["bash"]!))
    expect(found[0]!.detail).toContain("does not exist")
  })

  it("tells a hook of this version from another, and when which shell wrote", () => {
    writeFileSync(options.hookFiles["zsh"]!, hookScript("zsh"))
    writeFileSync(options.hookFiles["bash"]!, hookScript("bash") + "# edited\n")
    mkdirSync(options.spoolDir, { mode: 0o700 })
    const spool = join(options.spoolDir, `zsh-${process.pid}-${Date.now() * 1000}`)
    writeFileSync(spool, "")
    writeFileSync(join(options.spoolDir, "zsh-4194999-1700000000000000"), "")
    const found = status()
    expect(found.map((one) => one.hookFile)).toEqual(["current", "outdated", "missing"])
    expect(found[0]).toMatchObject({ liveShells: 1, spoolWritable: true })
    expect(Date.parse(found[0]!.lastRecordAt!)).toBeGreaterThanOrEqual(Math.floor(statSync(spool).mtimeMs))
    chmodSync(options.spoolDir, 0o755)
    expect(status()[0]!.spoolWritable).toBe(false)
  })
})

describe("benchHooks", () => {
  it("measures each shell beside an empty hook, on records really written", async () => {
    const rows = await benchHooks({ prompts: 20, rounds: 1 })
    expect(rows.map((row) => row.name)).toEqual(shells.filter(isInstalled).map((shell) => `hook.${shell}`))
    for (const row of rows) {
      expect(row).toMatchObject({ unit: "us/prompt", goal: 1000, met: row.claw < 1000 })
      expect(row.peerValue).toBeGreaterThan(0)
    }
  })
})
