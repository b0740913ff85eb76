/** What a person is told before the answer: what will happen, to what, how it can be undone. */
import { describe, expect, it } from "vitest"
import type { ActionEffect, VerdictKind } from "../../src/domain/action.ts"
import { changesNothing, promptOf, type Prompted } from "../../src/domain/prompt.ts"

const workspace = "/home/ada/shop"
const exec = (...argv: ReadonlyArray<string>): ActionEffect => ({
  _tag: "exec",
  argv,
  cwd: workspace,
  env: {},
})
const at = (use: "read" | "write" | "delete", path: string): ActionEffect => ({
  _tag: use,
  path: `${workspace}/${path}`,
})
const net = (host: string): ActionEffect => ({
  _tag: "net",
  scheme: "https",
  host,
  port: null,
  addresses: [],
})

const plan = (
  effects: ReadonlyArray<ActionEffect>,
  more: Partial<Omit<Prompted, "verdict">> & {
    readonly verdict?: VerdictKind
    readonly standing?: true
  } = {},
): Prompted => {
  const { standing, verdict = "ask", ...rest } = more
  return {
    summary: "Run it",
    sandbox: "bubblewrap",
    undoable: true,
    undoReason: null,
    ...rest,
    verdict: { effects, verdict, ...(standing === undefined ? {} : { standing }) },
  }
}
const told = (...given: Parameters<typeof plan>) => promptOf(plan(...given), workspace)

describe("the prompt", () => {
  it("says of a program that it may write anywhere, but not of one that is plain", () => {
    expect(told([exec("npm", "test")])).toEqual({
      does: "Run it",
      to: "in the sandbox; may write anywhere in the workspace",
      undo: "can be undone whole",
    })
    expect(told([exec("npm", "test")], { verdict: "allow", standing: true }).to).toContain(
      "may write anywhere",
    )
    expect(told([exec("ls"), at("read", "src/a.ts")], { verdict: "allow" }).to).toBe(
      "in the sandbox; only reads src/a.ts",
    )
  })
  it("says of a program that is held to reading what it reads", () => {
    const held = { undoable: false, undoReason: changesNothing }
    expect(told([at("read", "src/a.ts"), exec("gopls")], held)).toEqual({
      does: "Run it",
      to: "in the sandbox; only reads src/a.ts",
      undo: "nothing to undo: it changes nothing",
    })
    expect(told([exec("gopls")], { ...held, undoReason: "another reason" }).to).toContain(
      "may write anywhere",
    )
    expect(told([exec("gopls")], { ...held, sandbox: "none" }).to).toContain("may touch anything")
  })
  it("names what it writes, deletes and reaches, and counts what it leaves out", () => {
    const paths = ["a", "b", "c", "d", "e"].map((name) => at("write", `src/${name}.ts`))
    const effects = [...paths, at("delete", "old.ts"), net("example.com"), net("example.com"), net("*")]
    expect(told(effects, { sandbox: "not-needed" }).to).toBe(
      "starts no process; writes src/a.ts, src/b.ts, src/c.ts and 2 more; deletes old.ts; reaches https://example.com, any host",
    )
    expect(told([at("write", "")].map((effect) => ({ ...effect, path: workspace })) as never).to).toContain(
      "the workspace",
    )
    expect(promptOf(plan([at("write", "x")]), null).to).toContain("/home/ada/shop/x")
  })
  it("says so where no sandbox holds it, where nobody knows what it touches, and where it touches nothing", () => {
    expect(told([exec("make")], { sandbox: "none" }).to).toMatch(/^WITHOUT a sandbox; may touch anything/)
    expect(told([]).to).toContain("nobody knows what")
    expect(told([], { verdict: "allow" }).to).toContain("touches nothing")
    expect(told([{ _tag: "display", text: "x" }], { verdict: "allow" }).to).toContain("shows you text")
  })
  it("takes a plan's own words where its effects and its undo record have none", () => {
    const words = {
      touches: "changes attention.perHour from 1 to 2",
      back: "can be undone by setting it back",
    }
    const more = {
      sandbox: "not-needed",
      undoable: false,
      undoReason: "it is your own",
      told: words,
    } as const
    expect(told([], more)).toEqual({
      does: "Run it",
      to: `starts no process; ${words.touches}`,
      undo: words.back,
    })
  })
  it("says how it can be undone, in part, or why not", () => {
    expect(told([], { undoReason: "not what it does over the network" }).undo).toBe(
      "can be undone, but not what it does over the network",
    )
    expect(told([], { undoable: false, undoReason: "it is a message" }).undo).toBe(
      "cannot be undone: it is a message",
    )
    expect(told([], { undoable: false }).undo).toBe("cannot be undone")
  })
  it("is one harmless line each, whatever the names are", () => {
    const hostile = "x\u001b[2J\n\u202egnp.exe\u200b"
    const lines = Object.values(
      told([at("write", hostile), net(hostile)], { summary: hostile, undoable: false, undoReason: hostile }),
    )
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f\u200b\u202e]/)
  })
})
