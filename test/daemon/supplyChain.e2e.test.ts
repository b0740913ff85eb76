/** A real daemon over lockfiles and commits: what is dangerous is in the queue at once, and what is held is held. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { clawWorld, ndjson, until } from "../cli/claws.ts"

const bad = ["axios@1.14.1", "keyv@6.0.0", "chalk@5.6.1", "debug@4.4.2", "@ctrl/tinycolor@4.1.2"]
const lock = (spec: string): string => {
  const at = spec.indexOf("@", 1)
  return JSON.stringify({
    lockfileVersion: 3,
    packages: { [`node_modules/${spec.slice(0, at)}`]: { version: spec.slice(at + 1) } },
  })
}
const token = `ghp_${"aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW3xY5zA7"}`

describe("what is dangerous", () => {
  it.live(
    "is in the queue, urgent, once it was written",
    () =>
      Effect.gen(function* () {
        const world = yield* clawWorld
        const git = (...args: ReadonlyArray<string>) =>
          execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b.c", ...args], {
            cwd: world.repository,
            env: { ...process.env, ...world.env },
          })
        git("commit", "-q", "--allow-empty", "-m", "Began")
        assert.strictEqual((yield* world.claw("up", "--workspace", ".")).exit, 0)
        const decisions = Effect.map(
          world.claw("log", "--type", "decision.notify", "--type", "decision.draft", "--json"),
          (ran) => ndjson(ran.stdout) as ReadonlyArray<{ payload: unknown }>,
        )
        const decided = (what: string) =>
          Effect.map(decisions, (all) => all.find(({ payload }) => JSON.stringify(payload).includes(what)))
        const seen = Effect.fnUntraced(function* (what: string, write: () => void) {
          write()
          yield* until(
            what,
            Effect.map(decided(what), (found) => found !== undefined),
          )
        })
        for (const spec of bad)
          yield* seen(spec, () => writeFileSync(join(world.repository, "package-lock.json"), lock(spec)))

        writeFileSync(join(world.repository, "settings.ts"), `export const t = "${token}"\n`)
        yield* seen("Secret committed", () => {
          git("add", "settings.ts")
          git("commit", "-qm", "Added settings")
        })
        const queue = ndjson((yield* world.claw("queue", "--json")).stdout)
        const committed = queue.find(({ rule }) => rule === "secret-committed")!
        assert.isTrue(committed["urgent"])
        assert.deepInclude((committed["actions"] as ReadonlyArray<object>)[0], {
          tool: "bash",
          verdict: "ask",
          // a compromised package stands there as well
          rule: "compromised-dependency",
        })
        assert.notInclude((yield* world.claw("log", "--json")).stdout, token)
      }).pipe(Effect.scoped),
    90_000,
  )
})
