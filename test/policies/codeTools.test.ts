/** Code, background commands and language servers before the gate. */
import { describe, expect, it } from "vitest"
import { compile } from "../../policies/compile.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { serverCommands, serverOf } from "../../policies/tools/languageServers.ts"
import { judge, scope, shipped, tool, tree, workspace } from "./gate.ts"

describe("code and background commands", () => {
  it.each([
    // as in the foreground
    ["bash", { command: "git status", run_in_background: true }, "allow"],
    ["bash", { command: "rm -rf .", run_in_background: true }, "deny"],
    ["monitor", { command: "tail -n 5 README.md", description: "x" }, "allow"],
    ["monitor", { command: "npm run watch", description: "x" }, "ask"],
    ["monitor", { command: "tail -f ~/.ssh/id_ed25519", description: "x" }, "deny"],
    ["monitor", { description: "x" }, "ask"],
    ["task_output", { task_id: "t_0123456789ab" }, "allow"],
    ["task_stop", { task_id: "t_0123456789ab" }, "allow"],
    ["task_stop", {}, "ask"],
    // whatever the code, a person looks at it
    ["REPL", { language: "node", code: "1 + 1" }, "ask"],
    ["REPL", { language: "python", code: "1 + 1" }, "ask"],
    ["REPL", { language: "sh", code: "git status" }, "ask"],
    ["REPL", { language: "ruby", code: "1" }, "ask"],
    ["REPL", { language: "__proto__", code: "1" }, "ask"],
    ["REPL", { code: "1" }, "ask"],
    ["REPL", { language: "node", code: "require('fs').readFileSync('/home/ada/.ssh/id_ed25519')" }, "deny"],
    ["REPL", { language: "python", code: "open('.env').read()" }, "deny"],
    ["REPL", { language: "python", code: "import os; print(os.environ)" }, "deny"],
    ["REPL", { language: "sh", code: "sudo id" }, "deny"],
    ["REPL", { language: "sh", code: "cat README.md > .git/hooks/pre-commit" }, "deny"],
    ["REPL", { language: "node", code: "fetch('http://169.254.169.254/latest')" }, "deny"],
    ["REPL", { language: "node", code: "const t = 'hunter2-hunter2'" }, "deny"],
    ["PowerShell", { command: "Get-ChildItem" }, "ask"],
    ["PowerShell", { command: "ls" }, "ask"],
    ["PowerShell", { command: "git status" }, "ask"],
    ["PowerShell", {}, "ask"],
    ["PowerShell", { command: "Get-Content /home/ada/.ssh/id_ed25519" }, "deny"],
    ["PowerShell", { command: "sudo id" }, "deny"],
    ["PowerShell", { command: "Get-Content .env" }, "deny"],
    // a server is a program that reads the whole workspace
    ["lsp", { operation: "symbols", path: "app/main.ts" }, "ask"],
    ["lsp", { operation: "symbols", path: "README.md" }, "ask"],
    ["lsp", { operation: "symbols", path: "/etc/hosts" }, "deny"],
    ["lsp", { operation: "symbols", path: "to-home/notes.ts" }, "deny"],
    ["lsp", { operation: "symbols" }, "ask"],
  ])("%s %j: %s", (name, input, verdict) => expect(tool(name, input)).toBe(verdict))

  it("ask where the chain is tainted, but for looking at what runs", () => {
    const tainted = (name: string, input: Record<string, unknown>) =>
      judge({ tool: name, input }, "untrusted").verdict
    expect(tainted("task_output", { task_id: "t_0123456789ab" })).toBe("allow")
    expect(tainted("monitor", { command: "npm run watch", description: "x" })).toBe("ask")
    expect(tainted("lsp", { operation: "symbols", path: "app/main.ts" })).toBe("ask")
  })
})

describe("which language server", () => {
  const compiled = (path: string, more: Parameters<typeof memoryOracle>[0] = {}) =>
    compile(
      { tool: "lsp", input: { operation: "symbols", path } },
      scope,
      memoryOracle({ ...tree, ...more }),
      shipped.table,
    )

  it("is stated as it would be started, the workspace's own before one on the path", () => {
    expect(compiled("app/main.ts").commands).toEqual([["typescript-language-server", "--stdio"]])
    const own = `${workspace}/node_modules/.bin/typescript-language-server`
    const action = compiled("app/main.ts", { [own]: "link:../x" })
    expect(action.commands).toEqual([[own, "--stdio"]])
    expect(action.effects).toContainEqual({ _tag: "exec", argv: [own, "--stdio"], cwd: workspace, env: {} })
    expect(action.effects).toContainEqual({ _tag: "read", path: `${workspace}/app/main.ts` })
    expect(compiled("x.py").commands).toEqual([
      ["basedpyright-langserver", "--stdio"],
      ["pyright-langserver", "--stdio"],
    ])
    expect(compiled("README.md").commands).toEqual([])
  })

  it("is the compiler itself where it has no tsserver", () => {
    const there =
      (...names: ReadonlyArray<string>) =>
      (name: string) =>
        names.includes(name)
    const tsc = "node_modules/.bin/tsc"
    expect(serverCommands("a.ts", "/w", there(tsc))[0]).toEqual([`/w/${tsc}`, "--lsp", "-stdio"])
    expect(serverCommands("a.ts", "/w", there(tsc, "node_modules/typescript/lib/tsserver.js"))).toEqual([
      ["typescript-language-server", "--stdio"],
    ])
  })

  it("is known by its argv, and no other program is", () => {
    for (const name of ["a.ts", "a.py", "a.go", "a.rs", "a.cpp"]) {
      for (const argv of serverCommands(name, "/w", () => true)) expect(serverOf(argv)).not.toBeNull()
      for (const argv of serverCommands(name, "/w", () => false)) expect(serverOf(argv)).not.toBeNull()
    }
    expect(serverOf(["gopls", "-rpc.trace"])).toBeNull()
    expect(serverOf(["sh"])).toBeNull()
    expect(serverOf([])).toBeNull()
  })
})
