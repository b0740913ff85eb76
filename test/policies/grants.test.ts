/** What a standing answer allows, and all that it must not. */
import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { evaluate, findings } from "../../policies/evaluate.ts"
import { grantFault } from "../../policies/grants.ts"
import { grantOffers } from "../../policies/grantOffers.ts"
import { judge, run, shipped, taken, workspace } from "./gate.ts"
import { allowed, granted, mine, tool, under } from "./granting.ts"

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
