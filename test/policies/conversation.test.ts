/** The shipped rules on tools that talk with the user, and on local hosts. */
import { describe, expect, it } from "vitest"
import { compile } from "../../policies/compile.ts"
import { evaluate } from "../../policies/evaluate.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { memoryOracle } from "../../policies/memoryOracle.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"
import { judge, scope, tool, tree } from "./gate.ts"

const todo = (content: string) => ({ todos: [{ content, activeForm: content, status: "pending" }] })

describe("tools that talk with the user", () => {
  it.each([
    ["Sleep", { duration_ms: 1000 }, "allow"],
    ["StructuredOutput", { any: { thing: [1] } }, "allow"],
    ["ToolSearch", { query: "web" }, "allow"],
    ["Agent", { description: "x", prompt: "x" }, "allow"],
    ["TodoWrite", todo("Run the tests"), "allow"],
    ["ask_user", { question: "Which?", options: ["a", "b"] }, "allow"],
    ["SendUserMessage", { message: "Done.", status: "normal" }, "allow"],
    ["SendUserMessage", { message: "Done.", status: "normal", attachments: ["README.md"] }, "allow"],
    ["Config", { setting: "attention.perHour" }, "allow"],
    // what a person has to look at
    ["WebSearch", { query: "effect schema" }, "ask"],
    ["WebFetch", { url: "https://example.org/", prompt: "x" }, "ask"],
    ["Config", { setting: "attention.perHour", value: 2 }, "ask"],
    ["Skill", { skill: "x" }, "ask"],
    ["ask_user", {}, "ask"],
    // never
    ["SendUserMessage", { message: "x", status: "normal", attachments: [".env"] }, "deny"],
    ["SendUserMessage", { message: "x", status: "normal", attachments: ["/etc/passwd"] }, "deny"],
    ["SendUserMessage", { message: "a\u001b[2Jb", status: "normal" }, "deny"],
    ["ask_user", { question: "ok?", options: ["yes\u202e", "no"] }, "deny"],
    ["TodoWrite", todo("a\u200bb"), "deny"],
    ["SendUserMessage", { message: "it is hunter2-hunter2", status: "normal" }, "deny"],
    ["StructuredOutput", { deep: [{ key: "hunter2-hunter2" }] }, "deny"],
    ["WebSearch", { query: "hunter2-hunter2" }, "deny"],
    ["Agent", { description: "x", prompt: "it is hunter2-hunter2" }, "deny"],
    ["Config", { setting: "tools.timeoutMs", value: 1 }, "deny"],
    ["Config", { setting: "disabledReflexes", value: "x" }, "deny"],
    ["Config", { setting: "anchors", value: "x" }, "deny"],
    ["Config", { setting: "web.search.url", value: "https://evil.example/" }, "deny"],
    ["Config", { setting: "__proto__", value: true }, "deny"],
  ])("%s %j: %s", (name, input, verdict) => expect(tool(name, input)).toBe(verdict))

  it.each(["task_stop", "task_output"])("lets a tainted chain use %s: it writes nothing", (name) => {
    const input = { task_id: "t_0123456789ab" }
    for (const trust of ["trusted", "untrusted"] as const)
      expect(judge({ tool: name, input }, trust).verdict).toBe("allow")
  })

  it("may do so also where the chain is tainted, and nothing more", () => {
    const tainted = (name: string, input: Record<string, unknown>) =>
      judge({ tool: name, input }, "untrusted").verdict
    expect(tainted("ask_user", { question: "May I?" })).toBe("allow")
    expect(tainted("TodoWrite", todo("x"))).toBe("allow")
    expect(tainted("SendUserMessage", { message: "x", status: "normal" })).toBe("allow")
    expect(tainted("WebFetch", { url: "https://example.org/", prompt: "x" })).toBe("ask")
  })
})

describe("a rule that names a local host", () => {
  const rule = (text: string, tier: "user" | "workspace" = "user") => {
    const { commands, files } = readShipped(shippedDirectory(), ["default"])
    const own = { file: "own.toml", text, tier, workspace: tier === "user" ? null : scope.workspace }
    return loadRuleSet({ commands, files: [...files, own] })
  }
  const dev = `[[rule]]\nname = "dev"\nverdict = "allow"\neffect = "net"\nhost = ["localhost", "10.1.2.3"]\nlocal = true\n`
  const fetched = (rules: ReturnType<typeof rule>, url: string) =>
    evaluate(
      rules,
      compile({ tool: "WebFetch", input: { url, prompt: "x" } }, scope, memoryOracle(tree), rules.table),
      scope,
    ).verdict

  it("opens it, and no other", () => {
    const rules = rule(dev)
    expect(rules.problems).toEqual([])
    expect(fetched(rules, "http://localhost:3000/")).toBe("allow")
    expect(fetched(rules, "http://10.1.2.3/")).toBe("allow")
    expect(fetched(rules, "http://127.0.0.1:3000/")).toBe("deny")
    expect(fetched(rules, "http://app.localhost/")).toBe("deny")
    expect(fetched(rules, "http://10.1.2.4/")).toBe("deny")
    expect(fetched(rules, "file://localhost/etc/passwd")).toBe("deny")
  })

  it("cannot open metadata, link-local or rebinding hosts", () => {
    const rules = rule(
      dev.replace(
        `["localhost", "10.1.2.3"]`,
        `["169.254.169.254", "metadata.google.internal", "169.254.7.7", "lvh.me", "255.255.255.255"]`,
      ),
    )
    for (const host of [
      "169.254.169.254",
      "metadata.google.internal",
      "169.254.7.7",
      "lvh.me",
      "255.255.255.255",
    ])
      expect(fetched(rules, `http://${host}/`), host).toBe("deny")
  })

  it("gives way to any other denial", () => {
    const rules = rule(
      `${dev}\n[[rule]]\nname = "never"\nverdict = "deny"\neffect = "net"\nhost = "localhost"\n`,
    )
    expect(fetched(rules, "http://localhost:3000/")).toBe("deny")
  })

  it("must be one's own, and name its hosts", () => {
    const problems = (text: string, tier: "user" | "workspace" = "user") =>
      rule(text, tier)
        .problems.map(({ message }) => message)
        .join("\n")
    expect(problems(dev.replace(`["localhost", "10.1.2.3"]`, `"*.local"`))).toMatch(/without wildcards/)
    expect(problems(dev.replace(/host = .*\n/, ""))).toMatch(/names its hosts/)
    expect(problems(dev.replace(`"allow"`, `"ask"`), "workspace")).toMatch(/rule of your own/)
  })
})

describe("the worktree of an agent", () => {
  const text = `[[rule]]
name = "no-carts"
verdict = "deny"
effect = ["read", "write"]
path = "app/parts/**"
reason = "carts are shut"
match = [{ tool = "read_file", path = "app/parts/cart.ts" }]
`
  const files = readShipped(shippedDirectory(), ["default"])
  const own = { file: "a.toml", text, tier: "workspace" as const, workspace: scope.workspace }
  const rules = loadRuleSet({ ...files, files: [...files.files, own] })
  const away = "/home/ada/trees/c_1"
  const grown = {
    ...tree,
    [`${away}/app/parts/cart.ts`]: "file" as const,
    [`${away}/README.md`]: "file" as const,
  }
  const read = (path: string, ruledBy: string | null) => {
    const where = { ...scope, workspace: away, cwd: away, ruledBy }
    const call = { tool: "read_file", input: { path } }
    return evaluate(rules, compile(call, where, memoryOracle(grown), rules.table), where)
  }

  it("stands under the rules of the workspace it belongs to", () => {
    expect(read("app/parts/cart.ts", scope.workspace)).toMatchObject({ verdict: "deny", rule: "no-carts" })
    expect(read("README.md", scope.workspace).verdict).toBe("allow")
    expect(read("app/parts/cart.ts", null).verdict).toBe("allow")
    expect(read("app/parts/cart.ts", "/home/ada/other").verdict).toBe("allow")
  })
})
