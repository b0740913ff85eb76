/** Notifications to the desktop: what is shown of a text, and what is said where nothing can show it. */
import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { harmlessText, Notifier, type Delivery, type Notification } from "../../src/act/Notifier.ts"
import { secretMark, withTools } from "./toolFixture.ts"

const send = (
  notification: Notification,
  options: { readonly everything: boolean; readonly focused: boolean; readonly sent: Array<Notification> },
) =>
  Notifier.use((notifier) => notifier.notify(notification)).pipe(
    Effect.provide(
      Notifier.layer({
        everything: options.everything,
        focused: Effect.succeed(options.focused),
        transport: (one) =>
          Effect.sync((): Delivery => {
            options.sent.push(one)
            return { _tag: "sent" }
          }),
      }),
    ),
  )
const urgent: Notification = { title: "t", body: "b", urgency: "critical" }

describe("Notifier", () => {
  it.effect(
    "sends what is urgent, the rest only where switched on, nothing while its screen is in front",
    () =>
      Effect.gen(function* () {
        const sent: Array<Notification> = []
        const normal = { ...urgent, urgency: "normal" as const }
        const tags = [
          (yield* send(urgent, { everything: false, focused: false, sent }))._tag,
          (yield* send(normal, { everything: false, focused: false, sent }))._tag,
          (yield* send(normal, { everything: true, focused: false, sent }))._tag,
          (yield* send(urgent, { everything: true, focused: true, sent }))._tag,
        ]
        assert.deepStrictEqual(tags, ["sent", "withheld", "sent", "withheld"])
        assert.strictEqual(sent.length, 2)
      }),
  )

  it("makes text harmless: one line, bounded, no shell, markup, option or control character", () => {
    assert.strictEqual(harmlessText("a\nb\u001b[0m", 80), "a b\u241b[0m")
    assert.notMatch(harmlessText("\"'`$(id)\\<b>&!%", 80), /["'`$\\<>&!%]/)
    assert.notMatch(harmlessText("--icon=x", 80), /^-/)
    assert.strictEqual([...harmlessText("😀".repeat(100), 80)].length, 80)
  })

  it("what reaches notify-send is text and nothing else", () => {
    const folder = fs.mkdtempSync(join(tmpdir(), "claw-notify-"))
    const fake = join(folder, "notify-send")
    fs.writeFileSync(
      fake,
      `#!/bin/sh\nfor word in "$@"; do printf '%s\\n' "$word" >> ${folder}/words; done\n`,
    )
    fs.chmodSync(fake, 0o755)
    const module = new URL("../../src/act/Notifier.ts", import.meta.url).href
    const script = `
import { Notifier } from ${JSON.stringify(module)}
import { Effect } from "effect"
const said = await Effect.runPromise(Notifier.use((notifier) => notifier.notify({
  title: "--help $(touch ${folder}/pwned) \`touch ${folder}/pwned\`",
  body: "\\"; touch ${folder}/pwned; \\"\\nline two <b>&amp; !! \\\\$HOME",
  urgency: "critical",
})).pipe(Effect.provide(Notifier.layer({ everything: false, focused: Effect.succeed(false) }))))
console.log(said._tag)
`
    const run = (path: string) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: new URL("../..", import.meta.url).pathname,
        env: { PATH: path },
      })
        .toString()
        .trim()
    assert.strictEqual(run(`${folder}:/usr/bin:/bin`), "sent")
    const words = fs.readFileSync(join(folder, "words"), "utf8").split("\n")
    assert.match(words[0]!, /^\u2013-help \uff04\(touch /)
    assert.match(
      words[1]!,
      /^\u201d; touch .* \u201d line two \u2039b\u203a\uff06amp; \uff01\uff01 \uff3c\uff04HOME$/,
    )
    assert.deepStrictEqual(
      words
        .slice(2)
        .filter((word) => !word.startsWith("--"))
        .sort(),
      ["", "10000", "Claw", "critical"],
    )
    assert.isFalse(fs.existsSync(join(folder, "pwned")))
    fs.rmSync(fake)
    fs.symlinkSync("/bin/sh", join(folder, "sh"))
    assert.strictEqual(run(folder), "unavailable")
    fs.rmSync(folder, { recursive: true })
  })
})

describe("notify", () => {
  it.live("shows, without secrets, and says where it could not", () =>
    Effect.gen(function* () {
      const input = { title: "Key", body: `staged: ${secretMark}`, urgency: "critical" }
      yield* withTools(({ run, sent }) =>
        Effect.gen(function* () {
          assert.strictEqual((yield* run("notify", input)).output.head, "shown on the desktop")
          assert.deepStrictEqual(sent, [{ title: "Key", body: "staged: [redacted]", urgency: "critical" }])
        }),
      )
      yield* withTools(
        ({ journal, run }) =>
          Effect.gen(function* () {
            const result = yield* run("notify", input)
            assert.deepStrictEqual(
              [result.ok, result.output.head],
              [
                true,
                "not shown on the desktop: no program; it is in the log and on Claw's own screen instead",
              ],
            )
            const [said] = journal.of("session.message")
            assert.deepInclude(said?.payload, { message: "Key: staged: [redacted]", status: "normal" })
          }),
        { delivery: { _tag: "unavailable", reason: "no program" } },
      )
      yield* withTools(
        ({ run }) =>
          Effect.gen(function* () {
            const result = yield* run("notify", { title: "Key", body: "" })
            assert.deepStrictEqual([result.ok, result.output.head.startsWith("not shown")], [true, true])
          }),
        { everything: false },
      )
    }),
  )
})
