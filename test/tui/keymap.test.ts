/** The keymap: no key twice, hints of what is possible, the palette. */
import { assert, describe, it } from "@effect/vitest"
import { bindings, type Context, hints, paletteEntries } from "../../tui/keymap.ts"
import { Driver } from "./drive.ts"
import { detail, plan, suggestion } from "./samples.ts"

const contexts: ReadonlyArray<Context> = [
  "queue",
  "detail",
  "log",
  "timeline",
  "confirm",
  "choose",
  "reason",
  "filter",
  "goto",
  "palette",
  "help",
  "agents",
  "talk",
  "word",
  "stop",
  "inbox",
]

describe("the key table", () => {
  it("has one command for a key in a context", () => {
    for (const context of contexts) {
      const keys = bindings
        .filter((binding) => binding.contexts.includes(context))
        .flatMap((binding) => binding.keys)
      assert.deepStrictEqual(keys, [...new Set(keys)], context)
    }
  })

  it("has a way out of every context", () => {
    for (const context of contexts) {
      assert.isTrue(
        bindings.some((binding) => binding.contexts.includes(context) && binding.keys.includes("C-c")),
        context,
      )
      assert.isTrue(
        bindings.some((binding) => binding.contexts.includes(context) && binding.keys.includes("escape")),
        context,
      )
    }
  })

  it("says yes and no in a confirm dialog only", () => {
    for (const binding of bindings.filter(({ id }) => id === "yes" || id === "no")) {
      assert.deepStrictEqual(binding.contexts, ["confirm"])
    }
  })

  it("keeps typed text free of command keys", () => {
    for (const context of ["reason", "filter", "goto", "palette", "help", "word"] as const) {
      for (const binding of bindings.filter((one) => one.contexts.includes(context))) {
        for (const key of binding.keys) assert.isAbove([...key].length, 1, `${context}: ${key}`)
      }
    }
  })
})

describe("hints and palette", () => {
  it("hint only what is possible now", () => {
    const driver = new Driver()
    assert.notInclude(
      hints(driver.model).map(({ id }) => id),
      "approve",
    )
    driver.connect([suggestion("s_1")])
    assert.include(
      hints(driver.model).map(({ id }) => id),
      "approve",
    )
    assert.notInclude(
      hints(driver.model).map(({ id }) => id),
      "undo",
    )
  })

  it("name commands as the command line does, with the reason where one cannot run", () => {
    const row = suggestion("s_1")
    const driver = new Driver().connect(
      [row],
      [detail(row, [plan({ verdict: { ...plan().verdict, verdict: "deny", rule: "deny/outside" } })])],
    )
    const entries = new Map(paletteEntries(driver.model, "").map((entry) => [entry.name, entry.reason]))
    assert.strictEqual(entries.get("approve"), "policy forbids it: deny/outside")
    assert.strictEqual(entries.get("reject"), null)
    assert.strictEqual(entries.get("resume"), "it is not paused")
    for (const name of [
      "approve",
      "edit",
      "reject",
      "snooze",
      "undo",
      "why",
      "pause",
      "resume",
      "show",
      "queue",
      "log",
    ])
      assert.isTrue(entries.has(name), name)
    assert.deepStrictEqual(
      paletteEntries(driver.model, "snooze 2h").map(({ name }) => name),
      ["snooze"],
    )
  })
})
