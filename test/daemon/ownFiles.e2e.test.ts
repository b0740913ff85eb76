/** What a user writes in the configuration folder holds at once; what cannot hold is said wherever one looks. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Check, ConfigView, PolicyRuleRow, Status } from "../../src/rpc/shapes.ts"
import { type Claws, clawWorld, ndjson, until } from "../cli/claws.ts"
import { rawClient } from "./rawClient.ts"

interface Watching {
  readonly world: Claws
  readonly ask: <A>(tag: string, payload: unknown) => Effect.Effect<A>
}
class Up extends Context.Service<Up, Watching>()("test/Up") {}

/** A daemon whose user has no configuration folder yet. */
const up = Layer.effect(
  Up,
  Effect.gen(function* () {
    const world = yield* clawWorld
    rmSync(world.directories.config, { recursive: true, force: true })
    const ran = yield* world.claw("up", "--workspace", ".")
    assert.strictEqual(ran.exit, 0, ran.stderr)
    const client = yield* rawClient(world.directories.socket)
    return {
      world,
      ask: <A>(tag: string, payload: unknown) =>
        Effect.map(client.ask(tag as never, payload as never), (answer) => answer?.exit?.value as A),
    }
  }),
)

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("a configuration folder", (test) => {
  const degraded = ({ ask }: Watching) =>
    Effect.map(ask<Status>("Status", undefined), (status) => status.degraded.join("\n"))
  const said = (watching: Watching, what: RegExp) =>
    until(
      `status says ${what}`,
      Effect.map(degraded(watching), (text) => what.test(text)),
    )
  const calm = (watching: Watching) =>
    until(
      "nothing of it is wrong",
      Effect.map(degraded(watching), (text) => !/settings|reflexes:|gate/.test(text)),
    )
  const logged = ({ world }: Watching, ...words: ReadonlyArray<string>) =>
    Effect.map(world.claw("log", "--json", ...words), ({ stdout }) => ndjson(stdout))

  test.effect("that comes later is read, and a file that breaks says what holds instead", () =>
    Effect.gen(function* () {
      const watching = yield* Up
      const { ask, world } = watching
      const folder = world.directories.config
      const file = join(folder, "claw.config.ts")
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileSync(file, "export default {\n  attenton: {},\n}\n")
      yield* said(
        watching,
        /settings: the defaults are in force: .*claw\.config\.ts:2: attenton: unknown key/,
      )

      writeFileSync(`${file}.new`, "export default { attention: { perHour: 7 } }\n")
      renameSync(`${file}.new`, file)
      yield* calm(watching)
      const seven = yield* logged(watching, "--type", "daemon.config", "-n", "1")
      assert.deepInclude(seven[0]!["payload"] as object, { accepted: true })

      writeFileSync(file, 'export default {\n  attention: { perHour: "many" },\n  watc: {},\n}\n')
      yield* said(
        watching,
        /settings: the last good settings stay in force: .*\(and 1 more: claw config show\)/,
      )
      const status = yield* world.claw("status")
      assert.match(status.stdout, /! settings: the last good settings stay in force/)
      const checks = yield* ask<ReadonlyArray<Check>>("Doctor", undefined)
      assert.deepInclude(
        checks.find(({ name }) => name === "settings")!,
        { ok: false },
      )
      const view = yield* ask<ConfigView>("Config", { workspace: null })
      assert.strictEqual(
        (view.settings as { readonly attention: { readonly perHour: number } }).attention.perHour,
        7,
      )
      const shown = yield* world.claw("config", "show")
      assert.match(
        shown.stdout,
        /claw\.config\.ts:2: attention\.perHour: .*\n {5,}.*claw\.config\.ts:3: watc: unknown key/,
      )

      rmSync(folder, { recursive: true })
      yield* calm(watching)
      mkdirSync(folder, { mode: 0o700 })
      writeFileSync(file, "export default {{\n")
      yield* said(watching, /settings: the defaults are in force: .*SyntaxError/)
      rmSync(file)
      yield* calm(watching)
    }),
  )

  test.effect("binds by its rule files as they are written, and tells of those that cannot be read", () =>
    Effect.gen(function* () {
      const watching = yield* Up
      const { ask, world } = watching
      const reflexes = join(world.directories.config, "reflexes")
      mkdirSync(reflexes, { recursive: true, mode: 0o700 })
      const rule = (name: string) =>
        `[[reflex]]\nname = "migrations"\n${name} = "head.moved"\nfiles = ["migrations/**"]\ntitle = "They came"\n`
      writeFileSync(join(reflexes, "own.toml"), rule("wen"))
      yield* said(watching, /reflexes: .*own\.toml:\d+.*wen/)
      writeFileSync(join(reflexes, "own.toml"), rule("when"))
      yield* calm(watching)
      const own = yield* logged(watching, "--type", "daemon.reflexes", "-n", "1")
      assert.deepInclude(own[0]!["payload"] as object, { problems: [] })

      const policies = join(world.directories.config, "policies")
      mkdirSync(policies, { mode: 0o700 })
      const names = Effect.map(
        ask<ReadonlyArray<PolicyRuleRow>>("PolicyRules", { workspace: null }),
        (rows) => rows.map((row) => row.rule),
      )
      writeFileSync(
        join(policies, "own.toml"),
        '[[rule]]\nname = "no-deploy"\nverdict = "deny"\neffect = "net"\nreason = "by hand only"\n',
      )
      yield* until(
        "the rule is in force",
        Effect.map(names, (all) => all.some((name) => name.endsWith("no-deploy"))),
      )
    }),
  )
})
