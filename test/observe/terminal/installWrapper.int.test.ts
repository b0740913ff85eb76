/** The functions around package managers in real shells: what is asked, what is held, and that nothing else blocks. */
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { installWrapper } from "../../../src/observe/terminal/installWrapper.ts"
import { shells } from "../../../src/observe/terminal/spoolFormat.ts"
import { removeTree } from "../../removeTree.ts"

const installed = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status === 0

describe.each(shells.filter(installed))("installations in %s", (shell) => {
  let home = ""
  const script = (name: string, text: string): string => {
    const file = join(home, name)
    writeFileSync(file, `#!/bin/sh\n${text}\n`)
    chmodSync(file, 0o755)
    return file
  }
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), "claw wrap-"))
    const guard = script("guard's", 'shift; echo "asked: $*" >> "$LOG"; exit ${GUARD:-0}')
    for (const name of ["npm", "npx", "yarn", "cargo"])
      script(name, `echo "ran: ${name} $*" >> "$LOG"; exit 7`)
    writeFileSync(join(home, "wrap"), installWrapper(shell, [guard]))
    writeFileSync(join(home, "gone"), installWrapper(shell, [join(home, "nowhere")]))
  })
  afterAll(() => removeTree(home))

  const run = (line: string, env: Readonly<Record<string, string>> = {}, file = "wrap", before = "") => {
    const log = join(home, "log")
    rmSync(log, { force: true })
    const source = `${before}\nsource '${join(home, file)}'\n${line}`
    const plain = shell === "fish" ? ["--no-config"] : shell === "zsh" ? ["-f"] : ["--norc"]
    const ended = spawnSync(shell, [...plain, "-i", "-c", source], {
      env: { PATH: `${home}:${process.env["PATH"]}`, HOME: home, LOG: log, TERM: "dumb", ...env },
      encoding: "utf8",
    })
    const said = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []
    return { status: ended.status, said, stderr: ended.stderr }
  }

  it("asks before an installation and then runs it, with its own words and exit", () => {
    expect(run("npm i 'a b@1' -D")).toMatchObject({
      status: 7,
      said: ["asked: npm i a b@1 -D", "ran: npm i a b@1 -D"],
    })
    expect(run("npm --prefix x install").said).toHaveLength(2)
    expect(run("npx cowsay").said).toHaveLength(2)
    expect(run("yarn").said).toEqual(["asked: yarn", "ran: yarn"])
  })
  it("asks nobody before anything else", () => {
    for (const line of ["npm test", "npm", "cargo build", "yarn test"])
      expect(run(line).said, line).toHaveLength(1)
  })
  it("holds what guard refuses, unless told once", () => {
    expect(run("npm i a", { GUARD: "3" })).toMatchObject({ status: 3, said: ["asked: npm i a"] })
    expect(run("CLAW_INSTALL_ANYWAY=1 npm i a", { GUARD: "3" }).said).toEqual(["ran: npm i a"])
  })
  it("runs and says so where guard is broken or gone", () => {
    for (const broken of [run("npm i a", { GUARD: "1" }), run("npm i a", {}, "gone")]) {
      expect(broken.said.at(-1)).toBe("ran: npm i a")
      expect(broken.stderr).toContain("nothing was checked")
    }
  })
  it("leaves a function of the user's own as it is", () => {
    const own = shell === "fish" ? "function npm; echo own >> $LOG; end" : 'npm() { echo own >> "$LOG"; }'
    expect(run("npm i a", { GUARD: "3" }, "wrap", own).said).toEqual(["own"])
  })
  it("is read without a word", () => {
    expect(run("true").stderr.replaceAll(/.*(?:job control|process group|ioctl).*\n?/g, "")).toBe("")
    if (shell !== "fish") execFileSync(shell, ["-n", join(home, "wrap")])
  })
})
