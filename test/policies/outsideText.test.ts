/** What is let through on outside text: grants that say so by name, an agent's own worktree, rules of the user's. */
import { describe, expect, it } from "@effect/vitest"
import type { ToolCall, Verdict } from "../../src/domain/action.ts"
import type { GrantInForce } from "../../src/domain/grant.ts"
import { evaluate, findings } from "../../policies/evaluate.ts"
import { grantFault } from "../../policies/grants.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import { loadRuleFile } from "../../policies/rules.ts"
import type { Scope } from "../../policies/Scope.ts"
import { run, shipped, taken, workspace } from "./gate.ts"
import { granted, mine, tool, under } from "./granting.ts"

describe("a grant that says by name that it counts on outside text", () => {
  const session = "c_0000000000000001"
  const inSession = (call: ToolCall) => {
    const [compiled, where] = taken(call, "untrusted")
    return [compiled, { ...where, session }] as const
  }
  const offered = (call: ToolCall, rules = shipped) => grantOffers(rules, call, ...inSession(call))
  const named = (call: ToolCall, seq = 7): GrantInForce => {
    const { alsoTainted, rules } = offered(call)
    const [offer] = alsoTainted
    if (offer?.scope == null) throw new Error("nothing is offered")
    const { scope, title } = offer
    return { grant: `g_${seq}`, seq, workspace, scope, title, rules, until: null, alsoTainted: { session } }
  }
  const write = (path: string) => tool("write_file", { path, content: "x" })
  const edit = (path: string) => tool("edit_file", { path, old: "a", new: "b" })
  const on = (grants: ReadonlyArray<GrantInForce>, call: ToolCall, more: Partial<Scope> = {}): Verdict =>
    under(grants, call, { session, ...more }, "untrusted")

  it("is offered for plain files and for one very command in the sandbox, and says so", () => {
    const [files] = offered(write("app/parts/cart.ts")).alsoTainted
    expect(files).toMatchObject({ name: "workspace", scope: { path: `${workspace}/app` } })
    expect(files!.title).toBe(
      "write_file, edit_file, apply_patch and NotebookEdit may write any plain file below app, in this conversation alone, also though it rests on text an outsider could have written",
    )
    const [command] = offered(run("npm test")).alsoTainted
    expect(command).toMatchObject({ name: "exact" })
    expect(command!.title).toMatch(/^exactly this: npm test, in this conversation alone, also though/)
  })
  it("is offered for nothing else, nor outside of a conversation", () => {
    for (const call of [
      run("curl https://example.com/"),
      run("npm install"),
      run("rm app/main.ts"),
      run("git commit -m x"),
      run("git push"),
      run("FOO=1 npm test"),
      run("for f in app; do echo $f; done"),
      run("npm test && curl https://example.com/"),
      run("npm test; rm app/main.ts"),
      run("npm test > package.json"),
      run("cp app/main.ts package.json"),
      run("cat .env"),
      run("sudo npm test"),
      write("package.json"),
      write("app/Makefile"),
      write("AGENTS.md"),
      write(".gitattributes"),
      write(".env"),
      write("twin.txt"),
      write("../x"),
      tool("WebFetch", { url: "https://example.com/", prompt: "x" }),
      tool("REPL", { language: "node", code: "1" }),
      tool("git", { operation: "commit", message: "x" }),
      tool("Skill", { skill: "x" }),
      tool("apply_patch", { patch: "--- a/app/main.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n" }),
    ])
      expect(offered(call).alsoTainted, JSON.stringify(call.input)).toEqual([])
    expect(grantOffers(shipped, write("a.ts"), ...taken(write("a.ts"), "untrusted")).alsoTainted).toEqual([])
    expect(grantOffers(shipped, write("a.ts"), ...taken(write("a.ts"))).alsoTainted).toEqual([])
  })
  it("answers in its conversation, for what it names alone, by each of its tools", () => {
    const grants = [named(write("app/parts/cart.ts"))]
    for (const call of [write("app/new.ts"), edit("app/main.ts")])
      expect(on(grants, call)).toMatchObject({ verdict: "allow", rule: "granted", grants: ["g_7"] })
    for (const call of [
      write("README.md"),
      write("app/package.json"),
      write("app/CLAUDE.md"),
      run("touch app/x.ts"),
      run("rm app/main.ts"),
      run("npm test"),
      tool("apply_patch", {
        patch:
          "--- /dev/null\n+++ b/app/x.ts\n@@ -0,0 +1 @@\n+a\n--- a/app/main.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
      }),
    ])
      expect(on(grants, call).verdict, JSON.stringify(call.input)).toBe("ask")
    for (const path of ["app/.env", "app/.husky/x", "app/.npmrc", "app/../../x"])
      expect(on(grants, write(path)).verdict, path).toBe("deny")
  })
  it("holds in that conversation only, also where that rests on nothing", () => {
    const grants = [named(write("app/main.ts")), named(run("npm test"), 9)]
    for (const call of [write("app/main.ts"), run("npm test")]) {
      expect(on(grants, call).verdict).toBe("allow")
      expect(under(grants, call, { session }).verdict).toBe("allow")
      for (const other of ["c_0000000000000002", null]) {
        expect(on(grants, call, { session: other }).verdict).toBe("ask")
        expect(under(grants, call, { session: other }).verdict).toBe("ask")
      }
      const [compiled, where] = inSession(call)
      const told = findings(shipped, compiled, { ...where, session: "c_2" })
      expect(grantFault(grants[0]!, told, compiled, { ...where, session: "c_2" })).toContain(
        "of another conversation (c_0000000000000001)",
      )
    }
  })
  it("of a command answers that very one, asked again when it comes again and again or its scripts changed", () => {
    const grant = named(run("npm test"))
    expect(on([grant], run("npm test"))).toMatchObject({ verdict: "allow", standing: true })
    for (const other of ["npm test -- x", "npm test && ls", "npm  test", "npm run test", "npm test > x.txt"])
      expect(on([grant], run(other)).verdict, other).toBe("ask")
    expect(on([grant], run("npm test"), { times: 3 })).toMatchObject({ verdict: "ask", rule: "repeated" })
    const changed = [{ ...grant, changed: ["package.json changed"] }]
    expect(on(changed, run("npm test"))).toMatchObject({ verdict: "ask", rule: "grant-changed" })
  })
  it("does not lend itself to ordinary grants, nor they to it", () => {
    const ordinary = [
      granted(run("npm test"), "prefix", 1),
      granted(write("README.md"), "workspace", 2),
      granted(run("npm test"), "exact", 3),
    ]
    for (const call of [write("x.md"), run("npm test")]) expect(on(ordinary, call).verdict).toBe("ask")
    // one that claims what is never given
    const forged = ordinary.map((grant) => ({ ...grant, alsoTainted: { session } }))
    for (const command of ["npm test -- x", "npm test && curl https://example.com/"])
      expect(on(forged, run(command)).verdict, command).toBe("ask")
    const push = { ...granted(run("git push"), "exact", 4), alsoTainted: { session } }
    expect(on([push], run("git push")).verdict).toBe("ask")
  })
  it("is needed also where a rule of the user's allows the call, but not on outside text", () => {
    const free = mine('effect = "write"\npath = "app/*"')
    const call = write("app/main.ts")
    const { alsoTainted, fault, offers, rules } = offered(call, free)
    expect({ fault, offers, rules }).toEqual({ fault: null, offers: [], rules: [] })
    const grant = { ...named(call), scope: alsoTainted[0]!.scope!, rules }
    expect(evaluate(free, ...inSession(call)).verdict).toBe("ask")
    const [compiled, where] = inSession(call)
    expect(evaluate(free, compiled, { ...where, grants: [grant] }).verdict).toBe("allow")
    // and it answers only what is asked for the origin alone
    expect(on([grant], write("app/parts/cart.ts")).verdict).toBe("ask")
  })
})

describe("the worktree that an agent has to itself", () => {
  const own = { ownWorktree: true, session: "c_1", actor: "agent:general" }
  it("takes files unasked, on outside text too, and nothing that runs, reaches out or is denied elsewhere", () => {
    for (const trust of ["trusted", "untrusted"] as const) {
      const at = (call: ToolCall) => under([], call, own, trust)
      for (const call of [
        tool("write_file", { path: "app/new.ts", content: "" }),
        tool("edit_file", { path: "package.json", old: "a", new: "b" }),
        tool("NotebookEdit", { notebook_path: "app/a.ipynb", new_source: "1" }),
        tool("apply_patch", { patch: "--- a/app/main.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n" }),
      ])
        expect(at(call), call.tool).toMatchObject({ verdict: "allow" })
      for (const command of ["npm test", "touch app/x", "rm app/main.ts", "git commit -m x"])
        expect(at(run(command)).verdict, command).toBe("ask")
      for (const path of [
        ".git/config",
        ".env",
        ".husky/pre-commit",
        "../x",
        "/home/ada/notes.txt",
        "to-home/x",
      ])
        expect(at(tool("write_file", { path, content: "" })).verdict, path).toBe("deny")
      expect(at(tool("write_file", { path: "twin.txt", content: "" })).verdict).toBe("ask")
    }
  })
  it("is nobody else's", () => {
    const call = tool("write_file", { path: "app/new.ts", content: "" })
    for (const trust of ["trusted", "untrusted"] as const)
      expect(under([], call, { session: "c_1", actor: "agent:general" }, trust).verdict).toBe("ask")
  })
  it("may be spoken of on outside text by a shipped rule, and by none of a workspace", () => {
    const text =
      '[[rule]]\nname = "a"\nverdict = "allow"\neffect = "write"\nown_worktree = true\ntainted = true\n'
    const from = (tier: "preset" | "workspace", body = text) =>
      loadRuleFile({ file: "a.toml", text: body, tier, workspace: tier === "workspace" ? "/w" : null })
    expect(from("preset").problems).toEqual([])
    expect(from("workspace").rules).toEqual([])
    expect(from("preset", text.replace('effect = "write"\n', "")).problems[0]!.message).toContain(
      "would match everything",
    )
    expect(from("preset", text.replace("own_worktree = true", "own_worktree = 1")).rules).toEqual([])
  })
})

describe("a rule that speaks of tainted chains by name", () => {
  const named = mine(
    'effect = "exec"\nprogram = "touch"\ntainted = true',
    'effect = "write"\npath = "app/*"\ntainted = true',
  )
  it("lets them do what it names, and nothing else", () => {
    expect(named.problems).toEqual([])
    expect(evaluate(named, ...taken(run("touch app/x"), "untrusted"))).toMatchObject({ verdict: "allow" })
    expect(evaluate(named, ...taken(run("touch app/x")))).toMatchObject({ verdict: "ask" })
    for (const other of ["touch other/x", "touch app/x && npm test", "touch app/x > app/y", "touch .env"])
      expect(evaluate(named, ...taken(run(other), "untrusted")).verdict, other).not.toBe("allow")
  })
  it("is the user's alone, and its key is spelled right", () => {
    const text = '[[rule]]\nname = "a"\nverdict = "allow"\neffect = "exec"\ntainted = true\n'
    const from = (tier: "user" | "preset" | "workspace", body = text) =>
      loadRuleFile({ file: "a.toml", text: body, tier, workspace: tier === "workspace" ? "/w" : null })
    expect(from("user").rules[0]).toMatchObject({ name: "a", tainted: true })
    for (const tier of ["preset", "workspace"] as const) {
      expect(from(tier).rules).toEqual([])
      expect(from(tier).problems[0]).toMatchObject({ line: 5, column: 1 })
      expect(from(tier).problems[0]!.message).toContain("only a rule of your own")
    }
    const odd = from("user", text.replace("tainted", "tained"))
    expect(odd.problems[0]!.message).toContain('did you mean "tainted"?')
    expect(from("user", text.replace("true", '"yes"')).problems[0]!.message).toContain("true or false")
    const all = '[[rule]]\nname = "a"\nverdict = "allow"\ntainted = true\n'
    expect(from("user", all).problems[0]!.message).toContain("would match everything")
  })
})
