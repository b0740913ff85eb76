/** The `Config` tool over a real file, evaluated by a real child as the daemon does. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ConfigAccess } from "../../src/act/ConfigAccess.ts"
import {
  decodeSettings,
  defaultSettings,
  type Settings,
  type SettingsInput,
} from "../../src/config/Settings.ts"
import { loadConfig } from "../../src/config/load.ts"
import { hidden } from "../../src/daemon/entry.ts"
import { changeSetting, type OwnConfig } from "../../src/daemon/settingChange.ts"
import { makePlace } from "./sandboxFixture.ts"
import { type Tools, withTools } from "./toolFixture.ts"

const main = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts")

interface At {
  readonly file: string
  readonly tools: Tools
  readonly read: () => string
}

const withConfig = <A, E>(text: string | null, body: (at: At) => Effect.Effect<A, E>) =>
  Effect.gen(function* () {
    const { folder } = yield* makePlace
    const dir = join(folder, "config", "claw")
    const scratch = join(folder, "run")
    mkdirSync(scratch)
    const own: OwnConfig = {
      file: join(dir, "claw.config.ts"),
      child: { node: process.execPath, args: [main, hidden.config] },
      scratch,
    }
    if (text !== null) {
      mkdirSync(dir, { recursive: true })
      writeFileSync(own.file, text, { mode: 0o640 })
    }
    const known = new Map<string, Settings>()
    const inForce = Effect.gen(function* () {
      const now = existsSync(own.file) ? readFileSync(own.file, "utf8") : ""
      const before = known.get(now)
      if (before !== undefined) return before
      const input = yield* loadConfig({ file: own.file, trusted: "own", child: own.child, scratch }).pipe(
        Effect.map((loaded): SettingsInput => loaded?.settings ?? {}),
        Effect.orElseSucceed((): SettingsInput => ({})),
      )
      const decoded = decodeSettings(input)
      const settings = decoded._tag === "Success" ? decoded.success : defaultSettings
      known.set(now, settings)
      return settings
    })
    const config: ConfigAccess = {
      settings: () => inForce,
      change: (section, key, value) => changeSetting(own, section, key, value),
    }
    return yield* withTools(
      (tools) =>
        Effect.tap(body({ file: own.file, tools, read: () => readFileSync(own.file, "utf8") }), () =>
          Effect.sync(() => {
            assert.deepStrictEqual(readdirSync(scratch), [])
            if (text !== null) assert.deepStrictEqual(readdirSync(dir), ["claw.config.ts"])
          }),
        ),
      { config },
    )
  }).pipe(Effect.scoped)

const set = ({ tools }: At, setting: string, value: string | number | boolean) =>
  tools.text("Config", { setting, value })

const mine = `import { defineConfig } from "claw-assistant/config"

const quiet = 5_000 // as long as my coffee
export default defineConfig({
  attention: { perHour: 1, quietAfterEditMs: quiet },
  notifications: {
    others: false, // for now
  },
})
`

describe("Config", () => {
  it.live("reads a setting, a section, and says what there is", () =>
    withConfig(mine, ({ tools }) =>
      Effect.gen(function* () {
        assert.strictEqual(
          yield* tools.text("Config", { setting: "attention.perHour" }),
          "attention.perHour = 1",
        )
        assert.include(yield* tools.text("Config", { setting: "notifications" }), `"others":false`)
        assert.include(
          yield* tools.text("Config", { setting: "retention.age" }).pipe(Effect.flip, Effect.map(String)),
          "no setting",
        )
        const error = yield* Effect.flip(tools.text("Config", { setting: "attention.perhour" }))
        assert.strictEqual(error.reason, "input")
        assert.include(error.message, "did you mean attention.perHour?")
        for (const name of ["__proto__", "constructor", "attention.__proto__", "attention.perHour.toFixed"]) {
          assert.strictEqual((yield* Effect.flip(tools.text("Config", { setting: name }))).reason, "input")
        }
      }),
    ),
  )

  it.live("changes one in place, and keeps the file as it was otherwise", () =>
    withConfig(mine, (at) =>
      Effect.gen(function* () {
        const plan = yield* at.tools.plan("Config", { setting: "attention.perHour", value: 3 })
        assert.strictEqual(plan.summary, "Change your setting attention.perHour from 1 to 3")
        assert.isFalse(plan.undo.possible)
        assert.include(plan.undo.reason ?? "", "setting it back: Config setting=attention.perHour value=1")
        assert.match(plan.told?.touches ?? "", /^changes attention\.perHour from 1 to 3 in your own/)
        assert.match(plan.told?.back ?? "", /^can be undone by setting it back/)
        assert.strictEqual(at.read(), mine)
        assert.include(yield* set(at, "attention.perHour", 3), "attention.perHour = 3")
        yield* set(at, "notifications.others", true)
        const expected = mine.replace("perHour: 1", "perHour: 3").replace("others: false", "others: true")
        assert.strictEqual(at.read(), expected)
        yield* set(at, "attention.burst", 4)
        assert.strictEqual(at.read(), expected.replace("{ perHour", "{ burst: 4, perHour"))
        assert.strictEqual(statSync(at.file).mode & 0o777, 0o640)
      }),
    ),
  )

  it.live("leaves to the user what it cannot change for sure", () =>
    withConfig(mine, (at) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(set(at, "attention.quietAfterEditMs", 1000))
        assert.include(error.message, "by hand")
        writeFileSync(
          at.file,
          "const others = false\nexport default { attention: { perHour: 1, ...{ perHour: 2 } } }\n",
        )
        assert.include(
          (yield* Effect.flip(set(at, "attention.perHour", 5))).message,
          "more than this setting",
        )
        writeFileSync(at.file, "export default { attention: { perHour: }\n")
        const before = at.read()
        assert.strictEqual((yield* Effect.flip(set(at, "attention.perHour", 5))).reason, "failed")
        assert.strictEqual(at.read(), before)
      }),
    ),
  )

  it.live("refuses what gates, spends, executes or trusts, and values that do not fit", () =>
    withConfig(mine, (at) =>
      Effect.gen(function* () {
        for (const setting of [
          "tools.timeoutMs",
          "disabledReflexes",
          "anchors",
          "web.search",
          "watch.budget",
          "notifications.urgent",
          "retention.age",
        ]) {
          const error = yield* Effect.flip(set(at, setting, 1))
          assert.strictEqual(error.reason, "refused", setting)
          assert.include(error.message, "for the user to change")
        }
        for (const [setting, value] of [
          ["attention.perHour", 61],
          ["attention.perHour", "many"],
          ["notifications.others", "yes"],
        ] as const) {
          assert.strictEqual((yield* Effect.flip(set(at, setting, value))).reason, "input")
        }
        assert.strictEqual(at.read(), mine)
      }),
    ),
  )

  it.live("makes the file where there is none, and keeps a link one", () =>
    Effect.gen(function* () {
      yield* withConfig(null, (at) =>
        Effect.gen(function* () {
          yield* set(at, "attention.perHour", 2)
          assert.include(at.read(), "attention: { perHour: 2 }")
          assert.strictEqual(statSync(at.file).mode & 0o777, 0o600)
        }),
      )
      yield* withConfig(null, (at) =>
        Effect.gen(function* () {
          const real = join(at.tools.place.folder, "dotfiles.ts")
          writeFileSync(real, mine)
          mkdirSync(join(at.file, ".."), { recursive: true })
          symlinkSync(real, at.file)
          yield* set(at, "attention.perHour", 2)
          assert.isTrue(lstatSync(at.file).isSymbolicLink())
          assert.include(readFileSync(real, "utf8"), "perHour: 2")
        }),
      )
    }),
  )
})
