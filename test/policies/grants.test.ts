/** What a standing answer allows, and all that it must not. */
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ToolCall, Trust, Verdict } from "../../src/domain/action.ts"
import type { GrantInForce, GrantScopeName } from "../../src/domain/grant.ts"
import { evaluate, findings } from "../../policies/evaluate.ts"
import { grantFault } from "../../policies/grants.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { loadRuleFile } from "../../policies/rules.ts"
import type { Scope } from "../../policies/Scope.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { judge, run, shipped, taken, workspace } from "./gate.ts"

const tool = (name: string, input: ToolCall["input"]): ToolCall => ({ tool: name, input })

/** The grant a person would give seeing this call; throws where it cannot be had. */
const granted = (call: ToolCall, name: GrantScopeName, seq = 7): GrantInForce => {
  const { fault, offers, rules } = grantOffers(shipped, call, ...taken(call))
  if (fault !== null) throw new Error(fault)
  const offer = offers.find((each) => each.name === name)!
  if (offer.scope === null) throw new Error(offer.title)
  return { grant: `g_${seq}`, seq, workspace, scope: offer.scope, title: offer.title, rules, until: null }
}
/** The shipped rules and these of the user's, each of which allows. */
const mine = (...bodies: ReadonlyArray<string>) => {
  const { commands, files } = readShipped(shippedDirectory(), ["default"])
  const text = bodies
    .map((body, n) => `[[rule]]\nname = "mine-${n}"\nverdict = "allow"\n${body}\n`)
    .join("\n")
  return loadRuleSet({
    commands,
    files: [
      ...files,
      { file: "/home/ada/.config/claw/policies/mine.toml", text, tier: "user", workspace: null },
    ],
  })
}
const under = (
  grants: ReadonlyArray<GrantInForce>,
  call: ToolCall,
  more: Partial<Scope> = {},
  trust: Trust = "trusted",
): Verdict => {
  const [compiled, scope] = taken(call, trust)
  return evaluate(shipped, compiled, { ...scope, grants, ...more })
}
const allowed = (grants: ReadonlyArray<GrantInForce>, call: ToolCall): boolean =>
  under(grants, call).verdict === "allow"

describe("a grant of first words", () => {
  const npmTest = [granted(run("npm test"), "prefix")]

  it("allows the same program with more words, and says which grant it was", () => {
    const verdict = under(npmTest, run("npm test -- --watch"))
    expect(verdict).toMatchObject({
      verdict: "allow",
      rule: "granted",
      file: "log",
      line: 7,
      grants: ["g_7"],
      standing: true,
    })
    expect(verdict.reason).toContain("g_7")
    expect(verdict.reason).toContain("begins with npm test")
  })

  it("ends at the end of a word, and at the end of the command", () => {
    for (const other of [
      "npm testing",
      "npm run test",
      "npm",
      "npm test; rm app/main.ts",
      "npm test && npm publish",
      "npm test > app/main.ts",
      "npm test | tee out.txt",
      "FOO=1 npm test",
      "LC_ALL=C npm test",
      "timeout 5 npm test",
      "npm test $(id)",
      "npm test &",
      "./npm test",
    ])
      expect(allowed(npmTest, run(other)), other).toBe(false)
  })

  it("allows a chain of which each part is granted or free", () => {
    const both = [...npmTest, granted(run("npm run lint"), "prefix", 9)]
    expect(under(both, run("cat README.md && npm test && npm run lint"))).toMatchObject({
      verdict: "allow",
      grants: ["g_7", "g_9"],
    })
  })

  it("holds in its workspace only, and against the rules it was given against", () => {
    const elsewhere = npmTest.map((grant) => ({ ...grant, workspace: "/home/ada/other" }))
    expect(allowed(elsewhere, run("npm test"))).toBe(false)
    const otherRule = npmTest.map((grant) => ({ ...grant, rules: [{ rule: "other", file: "mine.toml" }] }))
    expect(allowed(otherRule, run("npm test"))).toBe(false)
  })
})

describe("a grant of this very call", () => {
  it("allows also what cannot be taken apart, but only letter by letter", () => {
    const loop = "for f in app; do echo $f; done"
    const grants = [granted(run(loop), "exact")]
    expect(under(grants, run(loop))).toMatchObject({ verdict: "allow", grants: ["g_7"], standing: true })
    expect(allowed(grants, run(`${loop} `))).toBe(false)
    expect(allowed(grants, run("for f in app; do echo $g; done"))).toBe(false)
  })
  it("does not look at what changes from time to time", () => {
    const grants = [granted(tool("bash", { command: "make x", timeoutMs: 1_000 }), "exact")]
    expect(allowed(grants, tool("bash", { command: "make x", timeoutMs: 9_000, description: "again" }))).toBe(
      true,
    )
  })
  it("is no longer one where the same call would do something else", () => {
    const call = tool("write_file", { path: "app/new.ts", content: "x" })
    const grant = granted(call, "exact")
    const [compiled, scope] = taken(call)
    const otherwise = { ...compiled, key: "0".repeat(64) }
    expect(evaluate(shipped, otherwise, { ...scope, grants: [grant] }).verdict).toBe("ask")
    expect(allowed([grant], { ...call, cwd: `${workspace}/app` })).toBe(false)
  })
})

describe("a grant over a folder", () => {
  const docs = [granted(tool("write_file", { path: "app/parts/cart.ts", content: "" }), "workspace")]
  it("allows this tool to do this below it, and nothing else", () => {
    expect(allowed(docs, tool("write_file", { path: "app/parts/x/y.ts", content: "1" }))).toBe(true)
    for (const other of [
      tool("write_file", { path: "app/main.ts", content: "" }),
      tool("write_file", { path: "app/parts-of/x.ts", content: "" }),
      tool("write_file", { path: "app/parts/../main.ts", content: "" }),
      tool("edit_file", { path: "app/parts/cart.ts", old: "a", new: "b" }),
      run("touch app/parts/x.ts"),
      run("rm app/parts/cart.ts"),
    ])
      expect(allowed(docs, other), JSON.stringify(other)).toBe(false)
  })
  it("lifts no denial below it", () => {
    const all = [granted(tool("write_file", { path: "README.md", content: "" }), "workspace")]
    expect(allowed(all, tool("write_file", { path: "x.md", content: "" }))).toBe(true)
    for (const path of [
      ".env",
      ".git/hooks/pre-commit",
      ".github/workflows/ci.yml",
      "../x",
      ".claw/policies/a.toml",
    ])
      expect(under(all, tool("write_file", { path, content: "" })).verdict, path).toBe("deny")
    expect(allowed(all, tool("write_file", { path: "twin.txt", content: "" }))).toBe(false)
  })
  it("bounds programs of the table by what they write", () => {
    const grants = [granted(run("mkdir app/parts/a"), "workspace")]
    expect(allowed(grants, run("mkdir -p app/parts/b/c"))).toBe(true)
    expect(allowed(grants, run("mkdir other"))).toBe(false)
    expect(allowed(grants, run("touch app/parts/b"))).toBe(false)
    expect(allowed(grants, run("mkdir --odd app/parts/b"))).toBe(false)
  })
})

describe("no grant helps", () => {
  const everything = [
    granted(run("npm test"), "prefix", 1),
    granted(run("npm test"), "exact", 2),
    granted(tool("write_file", { path: "README.md", content: "" }), "workspace", 3),
  ]
  it("a chain that rests on outside text", () => {
    for (const call of [run("npm test"), tool("write_file", { path: "x.md", content: "" })])
      expect(under(everything, call, {}, "untrusted").verdict, call.tool).toBe("ask")
  })
  it("against a denial, and none can be had there", () => {
    for (const call of [
      run("sudo ls"),
      run("rm -rf ."),
      run("cat ../x"),
      tool("read_file", { path: ".env" }),
    ])
      expect(grantOffers(shipped, call, ...taken(call)).fault, JSON.stringify(call.input)).toContain(
        "no grant lifts",
      )
  })
  it("where nothing is asked, or only the origin asks", () => {
    expect(grantOffers(shipped, run("ls"), ...taken(run("ls"))).fault).toBe("it is not asked")
    const free = mine('effect = "exec"\nprogram = "touch"', 'effect = "write"\npath = "app/*"')
    const call = run("touch app/x")
    expect(evaluate(free, ...taken(call)).verdict).toBe("allow")
    expect(evaluate(free, ...taken(call, "untrusted"))).toMatchObject({ verdict: "ask", rule: "tainted" })
    expect(grantOffers(free, call, ...taken(call, "untrusted")).fault).toContain("tainted = true")
  })
  it("the same call for the third time in a row", () => {
    expect(under(everything, run("npm test"), { times: 2 }).verdict).toBe("allow")
    expect(under(everything, run("npm test"), { times: 3 })).toMatchObject({
      verdict: "ask",
      rule: "repeated",
    })
    expect(under([], run("ls"), { times: 3 })).toMatchObject({ verdict: "ask", rule: "repeated" })
    // a person is in no loop; what only sounds like one is
    for (const actor of ["user:cli", "user:tui"])
      expect(under([], run("ls"), { times: 30, actor }).verdict).toBe("allow")
    for (const actor of ["agent", "user", "agent:user:cli"])
      expect(under([], run("ls"), { times: 3, actor }).rule).toBe("repeated")
  })
  it("what a person said no to in this session, nor is what the gate denied asked again", () => {
    const no = { by: "person" as const, reason: "not on my machine" }
    expect(under(everything, run("npm test"), { refused: no })).toMatchObject({
      verdict: "deny",
      rule: "already-denied",
      reason: "already denied in this session: not on my machine",
    })
    const first = judge(run("sudo ls"))
    const second = under([], run("sudo ls"), { refused: { by: "gate", reason: first.reason } })
    expect(second).toEqual({ ...first, reason: `already denied in this session: ${first.reason}` })
    expect(under([], run("ls"), { refused: { by: "gate", reason: "by an old rule" } }).verdict).toBe("allow")
  })
})

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

describe("the law", () => {
  const words = [
    "npm",
    "test",
    "git",
    "commit",
    "-m",
    "x",
    "rm",
    "app/main.ts",
    "&&",
    ";",
    "|",
    ">",
    "cat",
    ".env",
  ]
  const commands = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 })
    .map((all) => all.join(" "))
  const seen = ["npm test", "git commit -m x", "touch app/y", "make all"].map(run)
  const grants = seen.flatMap((call, index) =>
    (["exact", "prefix", "workspace"] as const).flatMap((name) => {
      try {
        return [granted(call, name, index * 3)]
      } catch {
        return []
      }
    }),
  )
  it("a grant never touches a denial, never makes a verdict stricter, and never speaks of the unparsed", () => {
    fc.assert(
      fc.property(commands, (command) => {
        const before = judge(run(command))
        const after = under(grants, run(command))
        if (before.verdict !== "ask") expect(after).toEqual(before)
        else if (after.verdict !== "ask") {
          expect(after.verdict).toBe("allow")
          expect(after.grants).not.toHaveLength(0)
          expect(taken(run(command))[0].uncertain).toBeNull()
        }
        expect(under(grants, run(command), {}, "untrusted")).toEqual(judge(run(command), "untrusted"))
      }),
      { numRuns: 400 },
    )
  })
  it("says of each grant why it does not answer, exactly where it does not", () => {
    fc.assert(
      fc.property(commands, (command) => {
        const [compiled, scope] = taken(run(command))
        const found = findings(shipped, compiled, scope)
        for (const grant of grants) {
          const alone = evaluate(shipped, compiled, { ...scope, grants: [grant] })
          if (alone.grants !== undefined) expect(grantFault(grant, found, compiled, scope)).toBeNull()
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe("a compromised package that stands in the workspace", () => {
  const compromised = ["axios@1.14.1 in package-lock.json"]
  it("has asked what is allowed or was granted, and names the hit", () => {
    const grants = [granted(run("npm test"), "prefix")]
    expect(under(grants, run("npm test")).verdict).toBe("allow")
    const held = under(grants, run("npm test"), { compromised })
    expect(held).toMatchObject({ verdict: "ask", rule: "compromised-dependency" })
    expect(held.reason).toContain("axios@1.14.1 in package-lock.json")
  })
  it("leaves plain reading alone, and a denial a denial", () => {
    expect(under([], run("cat README.md"), { compromised }).verdict).toBe("allow")
    expect(under([], run("npm i evil-pad@1.0.1"), { compromised }).verdict).toBe("deny")
  })
  it("holds also what a user's own rule allows", () => {
    const rules = mine('effect = "exec"\nprogram = "touch"', 'effect = "write"\npath = "app/*"')
    const call = run("touch app/new.ts")
    const [compiled, scope] = taken(call)
    expect(evaluate(rules, compiled, scope).verdict).toBe("allow")
    expect(evaluate(rules, compiled, { ...scope, compromised })).toMatchObject({
      verdict: "ask",
      rule: "compromised-dependency",
    })
  })
})
