/** The loop's pure parts: control fold, what a verdict permits, redaction of what is appended. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import type { ActionEffect, Verdict } from "../../src/domain/action.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import type { Fact } from "../../src/domain/probe.ts"
import { type Control, controlProjection } from "../../src/loop/control.ts"
import { toolContext } from "../../src/loop/toolContext.ts"
import { redactDeep, redactDraft, redactFact } from "../../src/loop/redact.ts"

const fold = (...drafts: ReadonlyArray<EventDraft>): Control =>
  drafts.reduce<Control>(
    (state, event, index) =>
      controlProjection.evolve(state, {
        ...event,
        seq: index + 1,
        id: String(index),
        at: "2026-01-01T00:00:00.000Z",
        v: 1,
        prevHash: "",
        hash: "",
      } as Event),
    controlProjection.initial,
  )

const workspace = (action: "added" | "removed", path: string) =>
  draft("daemon.workspace", { action, path }, { actor: "user", workspace: path })
const health = (component: string, state: "running" | "failed", on: string | null) =>
  draft("daemon.health", { component, state, backend: null, detail: "" }, { actor: "d", workspace: on })

describe("control", () => {
  it("keeps each watched workspace once, in the order it was last added", () => {
    const state = fold(workspace("added", "/a"), workspace("added", "/b"), workspace("added", "/a"))
    assert.deepStrictEqual(state.workspaces, ["/b", "/a"])
    assert.deepStrictEqual(state.last, { seq: 3, at: "2026-01-01T00:00:00.000Z", type: "daemon.workspace" })
  })

  it("equals a set of paths, for any history of adding and removing", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom("added" as const, "removed" as const), fc.constantFrom("/a", "/b", "/c")),
        ),
        (history) => {
          const known = new Set<string>()
          for (const [action, path] of history) {
            if (action === "added") known.add(path)
            else known.delete(path)
          }
          const state = fold(...history.map(([action, path]) => workspace(action, path)))
          assert.deepStrictEqual([...state.workspaces].sort(), [...known].sort())
        },
      ),
    )
  })

  it("forgets the health of a workspace that is not watched any more, and all of it at a start", () => {
    const rows = [
      workspace("added", "/a"),
      health("source:fs", "failed", "/a"),
      health("gate", "running", null),
    ]
    assert.lengthOf(Object.keys(fold(...rows).health), 2)
    assert.deepStrictEqual(Object.keys(fold(...rows, workspace("removed", "/a")).health), ["gate "])
    const started = draft("daemon.started", { version: "1", pid: 1, node: "26" }, { actor: "daemon" })
    assert.deepStrictEqual(fold(...rows, started).health, {})
  })

  it("remembers a pause over a restart, with its end, until it is resumed", () => {
    const paused = draft(
      "daemon.paused",
      { until: "2026-01-02T00:00:00.000Z", reason: "asked" },
      { actor: "user" },
    )
    const started = draft("daemon.started", { version: "1", pid: 1, node: "26" }, { actor: "daemon" })
    assert.deepInclude(fold(paused, started), { paused: true, pausedUntil: "2026-01-02T00:00:00.000Z" })
    const resumed = draft("daemon.resumed", { reason: "asked" }, { actor: "user" })
    assert.deepInclude(fold(paused, resumed), { paused: false, pausedUntil: null })
  })

  it("replaces what was trusted of a workspace as a whole", () => {
    const trusted = (path: string, digests: Record<string, string>) =>
      draft("daemon.trusted", { workspace: path, digests }, { actor: "user", workspace: path })
    const state = fold(
      trusted("/a", { x: "1", y: "2" }),
      trusted("/b", { z: "3" }),
      trusted("/a", { x: "4" }),
    )
    assert.deepStrictEqual(state.trust, { "/a": { x: "4" }, "/b": { z: "3" } })
  })
})

const verdict = (kind: Verdict["verdict"], effects: ReadonlyArray<ActionEffect>): Verdict => ({
  verdict: kind,
  rule: "r",
  file: "f",
  line: 1,
  reason: "",
  effects,
  commands: [["x"]],
  matched: [],
  missing: null,
  digest: "d",
})
const options = {
  call: "s_1#0",
  session: null,
  actor: "claw",
  trust: "trusted",
  workspace: "/w",
  home: "/h",
  timeoutMs: 5,
  unsandboxed: false,
} as const
const exec: ActionEffect = { _tag: "exec", argv: ["x"], cwd: "/w", env: {} }

describe("what a tool may touch", () => {
  it("open exactly the paths that the effects write or delete", () => {
    const context = toolContext(
      verdict("allow", [
        { _tag: "read", path: "/w/r" },
        { _tag: "write", path: "/w/a" },
        { _tag: "delete", path: "/w/b" },
        exec,
      ]),
      {},
      options,
    )
    assert.deepStrictEqual(context.permits, {
      write: ["/w/a", "/w/b"],
      network: false,
      hosts: [],
      shell: false,
      unsandboxed: false,
    })
    assert.strictEqual(context.cwd, "/w")
    assert.deepStrictEqual(context.commands, [["x"]])
  })

  it("open the network only for a net effect, a shell and the whole workspace only after a question", () => {
    const net: ActionEffect = { _tag: "net", scheme: "https", host: "x", port: null, addresses: [] }
    const connected = toolContext(verdict("allow", [net]), {}, options).permits
    assert.deepStrictEqual([connected.network, connected.hosts], [true, ["x"]])
    const anywhere = toolContext(verdict("allow", [net, { ...net, host: "*" }]), {}, options).permits
    assert.deepStrictEqual([anywhere.network, anywhere.hosts], [true, []])
    const asked = toolContext(verdict("ask", [exec]), { cwd: "/w/sub" }, options)
    assert.deepStrictEqual(asked.permits.write, ["/w"])
    assert.isTrue(asked.permits.shell)
    assert.isFalse(asked.permits.network)
    assert.strictEqual(asked.cwd, "/w/sub")
    assert.deepStrictEqual(toolContext(verdict("ask", []), {}, options).permits.write, [])
    for (const kind of ["allow", "audit", "deny"] as const) {
      const { permits } = toolContext(verdict(kind, [exec]), {}, options)
      assert.deepStrictEqual([permits.shell, permits.write], [false, []])
    }
  })
})

const key = ["AKIA", "IOSFODNN7", "Q3XAMPL", "E"].join("").slice(0, 20)
const body = Array.from(
  { length: 6 },
  (_, n) => `${"MIIEvQIBADANBgkqhkiG9w0BAQEFAASC".slice(n)}${"Kc9wX2".repeat(5)}${n}`,
)
const pem = [
  ["-----BEGIN RSA", "PRIVATE KEY-----"].join(" "),
  ...body,
  ["-----END RSA", "PRIVATE KEY-----"].join(" "),
]

const staged = (lines: ReadonlyArray<string>): Fact => ({
  probe: { _tag: "gitStaged", maxBytes: 1000 },
  unavailable: null,
  answer: {
    files: [
      {
        path: "k",
        status: "A",
        added: lines.map((text, index) => ({ line: index + 10, text })),
      },
    ],
  },
})
type Added = { readonly line: number; readonly text: string }
const addedOf = (fact: Fact): ReadonlyArray<Added> =>
  (fact.answer as { readonly files: ReadonlyArray<{ readonly added: ReadonlyArray<Added> }> }).files[0]!.added

describe("redaction", () => {
  it("reaches every string of a payload, and nothing else", () => {
    const value = { a: [`x ${key}`, 1, null], b: { c: `${key}`, d: true }, e: "plain" }
    const clean = redactDeep(value) as typeof value
    assert.notInclude(JSON.stringify(clean), key)
    assert.deepStrictEqual([clean.a[1], clean.a[2], clean.b.d, clean.e], [1, null, true, "plain"])
    assert.include(clean.a[0] as string, "x ")
  })

  it("leaves what holds no secret as it is, whatever it is", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), (text) => {
        const value = JSON.parse(text) as unknown
        assert.deepStrictEqual(redactDeep(redactDeep(value)), redactDeep(value))
      }),
    )
    const value = { a: [1, "two", { three: null }], b: "" }
    assert.deepStrictEqual(redactDeep(value), value)
  })

  it("keeps type and header of a draft", () => {
    const before = draft(
      "terminal.command",
      {
        command: `export KEY=${key}`,
        cwd: "/w",
        exit: 0,
        durationMs: 1,
        shell: "bash",
        session: "s",
        authorKind: "user",
        startedAt: "2026-01-01T00:00:00.000Z",
        position: { file: "/f", offset: 3 },
      },
      { actor: "source:terminal", workspace: "/w", trust: "untrusted" },
    )
    const after = redactDraft(before)
    assert.notInclude(JSON.stringify(after), key)
    assert.deepStrictEqual({ ...after, payload: null }, { ...before, payload: null })
  })

  it("takes a private key out that spans lines; the lines around keep text and number", () => {
    const fact = redactFact(staged(["const a = 1", ...pem, "const b = 2", "const c = 3"]))
    const added = addedOf(fact)
    const text = JSON.stringify(added)
    for (const line of body) assert.notInclude(text, line)
    assert.deepStrictEqual(added[0], { line: 10, text: "const a = 1" })
    assert.deepStrictEqual(added.at(-2), { line: 10 + pem.length + 1, text: "const b = 2" })
    assert.deepStrictEqual(added.at(-1), { line: 10 + pem.length + 2, text: "const c = 3" })
    assert.isTrue(added.every(({ text: one }) => typeof one === "string"))
  })

  it("takes out a key on one line, two keys, and a key that begins or ends the file", () => {
    const cases: ReadonlyArray<ReadonlyArray<string>> = [
      [`a = "${key}"`],
      pem,
      ["x", ...pem],
      [...pem, "y"],
      ["x", ...pem, "between", ...pem, "y"],
      [...pem, `b = "${key}"`, "z"],
      [`b = "${key}"`, ...pem, `c = "${key}"`],
    ]
    for (const [index, lines] of cases.entries()) {
      const added = addedOf(redactFact(staged(lines)))
      const text = JSON.stringify(added)
      assert.notInclude(text, key, `case ${index}`)
      for (const line of body) assert.notInclude(text, line, `case ${index}`)
      for (const { line, text: one } of added) {
        assert.isAtLeast(line, 10)
        assert.isBelow(line, 10 + lines.length)
        const original = lines[line - 10]!
        if (["x", "y", "z", "between"].includes(one)) assert.strictEqual(one, original, `case ${index}`)
      }
      for (const plain of ["x", "y", "z", "between"]) {
        if (lines.includes(plain)) {
          assert.isTrue(
            added.some((each) => each.text === plain),
            `case ${index} keeps ${plain}`,
          )
        }
      }
    }
  })

  it("passes a fact that could not be read", () => {
    const fact: Fact = { probe: staged([]).probe, answer: null, unavailable: "no repository" }
    assert.deepStrictEqual(redactFact(fact), fact)
  })
})
