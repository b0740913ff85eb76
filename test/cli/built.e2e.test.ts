/** The program as it is installed: the bundle, its chunks, worker, rule files and child processes. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import manifest from "../../package.json" with { type: "json" }
import { builtEntry } from "../../src/cli/bench/built.ts"
import { sourceLauncher } from "../launcher.ts"
import { clawWorld, ndjson, runProgram } from "./claws.ts"

const entry = { node: process.execPath, args: [sourceLauncher], version: manifest.version, bundle: null }

/** More folders than the watcher in the main thread takes on. */
const folders = 900

const config = `import { defineConfig } from "claw-assistant/config"
export default defineConfig({ attention: { perHour: 7 } })
`

/** Prints, at the end, which of Node's own modules were loaded. */
const modulesAtExit = `process.on("exit", () => {
  process.stderr.write(JSON.stringify(process.moduleLoadList))
})
`

describe("the built program", () => {
  it.live("runs daemon, worker, verifier and configuration, and its client loads no cryptography", () =>
    Effect.gen(function* () {
      const world = yield* clawWorld
      const built = yield* builtEntry(entry)
      const claw = (...args: ReadonlyArray<string>) =>
        Effect.promise(() =>
          runProgram([built.node, ...built.args, ...args], { cwd: world.repository, env: world.env }),
        )
      mkdirSync(world.directories.config, { recursive: true, mode: 0o700 })
      writeFileSync(join(world.directories.config, "claw.config.ts"), config)
      for (let index = 0; index < folders; index++) mkdirSync(join(world.repository, `folder-${index}`))

      assert.strictEqual((yield* claw("--version")).stdout.trim(), manifest.version)
      const none = yield* claw("status")
      assert.strictEqual(none.exit, 3, none.stderr)
      const up = yield* claw("up", "--workspace", ".")
      assert.strictEqual(up.exit, 0, up.stderr)

      let sources: ReadonlyArray<{ readonly component: string; readonly backend: string | null }> = []
      while (!sources.some((source) => source.component === "source:fs")) {
        const status = yield* claw("status", "--json")
        assert.strictEqual(status.exit, 0, status.stderr)
        sources = JSON.parse(status.stdout).sources
      }
      assert.strictEqual(sources.find((source) => source.component === "source:fs")?.backend, "worker")

      const rules = ndjson((yield* claw("policy", "list", "--json")).stdout)
      assert.isTrue(rules.some((rule) => String(rule["file"]).startsWith("policies/presets/")))
      const shown = JSON.parse((yield* claw("config", "show", "--json")).stdout)
      assert.strictEqual(shown.settings.attention.perHour, 7)

      const trace = join(world.root, "trace.cjs")
      writeFileSync(trace, modulesAtExit)
      const traced = yield* Effect.promise(() =>
        runProgram([built.node, "-r", trace, ...built.args, "status"], {
          cwd: world.repository,
          env: world.env,
        }),
      )
      assert.include(traced.stderr, "NativeModule net")
      assert.notInclude(traced.stderr, "NativeModule crypto")

      assert.strictEqual((yield* claw("down")).exit, 0)
      const verified = JSON.parse((yield* claw("audit", "verify", "--json")).stdout)
      assert.isTrue(verified.ok)
      assert.isAbove(verified.events, 0)
      // the second start probes the log in a child
      const again = yield* claw("up")
      assert.strictEqual(again.exit, 0, again.stderr)
      assert.strictEqual((yield* claw("log", "--type", "log.recovered", "--json")).stdout, "")
    }),
  )
})
