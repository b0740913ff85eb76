/** claw guard: exits and words, for named packages and for the lockfiles around. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { runGuard } from "../../src/cli/guard.ts"
import { removeTree } from "../removeTree.ts"

let root = ""
let said = ""
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "claw-guard-"))
  said = ""
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    said += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  removeTree(root)
})

const lock = (version: string): string =>
  JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/axios": { version } } })

it("refuses a known malicious version with the reason and the way around", () => {
  expect(runGuard(["npm", "i", "axios@1.14.1"], root)).toBe(3)
  expect(said).toContain("axios@1.14.1 is listed as malicious (axios-2026-03")
  expect(said).toContain("CLAW_INSTALL_ANYWAY=1 npm i axios@1.14.1")
})
it("says nothing of a clean one", () => {
  expect(runGuard(["npm", "i", "axios@1.14.0", "left-pad"], root)).toBe(0)
  expect(said).toBe("")
})
it("reads the lockfiles from here up to the repository's root, and no further", () => {
  const inner = join(root, "repository", "packages", "a")
  mkdirSync(inner, { recursive: true })
  mkdirSync(join(root, "repository", ".git"))
  writeFileSync(join(root, "package-lock.json"), lock("1.14.1"))
  expect(runGuard(["npm", "ci"], inner)).toBe(0)
  writeFileSync(join(root, "repository", "package-lock.json"), lock("1.14.1"))
  expect(runGuard(["npm", "ci"], inner)).toBe(3)
  expect(said).toContain(join(root, "repository", "package-lock.json"))
})
it("says what could not be read, and lets it pass", () => {
  writeFileSync(join(root, "bun.lockb"), "\0")
  expect(runGuard(["bun", "install"], root)).toBe(0)
  expect(said).toContain("not checked")
})
it("hostile names reach the terminal harmless", () => {
  expect(runGuard(["npm", "i", "axios@1.14.1", "\u001b]0;x\u0007"], root)).toBe(3)
  expect(said).not.toContain("\u001b")
})
