/** The hook of each shell: what it writes and what it leaves alone. */
import { describe, expect, it } from "vitest"
import { agentVariables, hookScript, rcLine } from "../../../src/observe/terminal/hookScript.ts"
import { shells } from "../../../src/observe/terminal/spoolFormat.ts"

describe.each(shells)("hookScript %s", (shell) => {
  it("finds the daemon's own directory unless one is given", () => {
    expect(hookScript(shell)).toContain("/.cache/claw/spool")
    expect(hookScript(shell)).toContain("$XDG_RUNTIME_DIR/claw/spool")
    expect(hookScript(shell, { spoolDir: "/a b/it's" })).not.toContain("XDG_RUNTIME_DIR")
  })
  it("asks for every variable that agents set", () => {
    for (const name of agentVariables) expect(hookScript(shell)).toContain(name)
  })
  it("is one text for every machine", () => {
    expect(hookScript(shell)).toBe(hookScript(shell))
    expect(hookScript(shell)).not.toContain(process.cwd())
  })
  it("quotes any path", () => {
    const quoted = shell === "fish" ? `'/it\\'s'` : `'/it'\\''s'`
    expect(hookScript(shell, { spoolDir: "/it's" })).toContain(quoted)
    expect(rcLine(shell, "/it's")).toContain(quoted)
  })
})
