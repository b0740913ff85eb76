/** The real daemon and a comment in a saved file: a draft, a kill in the middle of it, a yes, and how it came about. */
import { assert, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gone, until } from "../cli/claws.ts"
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { approving, attach, type Attached, killed, mindWorld, ofType, wholeLog } from "./Mind.ts"

const right = "export const total = (xs) => xs.reduce((a, b) => a + b, 0)\n"
const wrong = "export const total = (xs) => xs.reduce((a, b) => a + b, 1)\n"

const textOf = (asked: Asked): string => JSON.stringify(asked.body)
const isTriage = (asked: Asked): boolean => textOf(asked).includes("the judgement of Claw")
const seqOf = (asked: Asked, type: string): number =>
  Number(new RegExp(`seq (\\d+) ${type.replace(".", "\\.")}`).exec(textOf(asked))?.[1] ?? Number.NaN)

const answer = (asked: Asked): Turn => {
  const evidence = [seqOf(asked, "situation.opened")]
  if (isTriage(asked)) {
    const title = "begin the sum in cart.js at nothing"
    const reason = "A comment in cart.js asks for it."
    return { text: JSON.stringify({ decision: "draft", confidence: 0.9, title, reason, evidence }) }
  }
  if (textOf(asked).includes("Kept for the developer")) {
    const why = [{ text: "A comment in cart.js asks for it.", evidence }]
    return { text: JSON.stringify({ title: "Begin the sum in cart.js at 0", why }) }
  }
  const edit = { path: "cart.js", old_string: "a + b, 1)", new_string: "a + b, 0)" }
  return { calls: [{ name: "edit_file", input: edit }] }
}

/** The suggestion, once it can be answered. */
const offered = ({ client }: Attached) =>
  client.QueueChanges().pipe(
    Stream.map((rows) =>
      rows.find(
        ({ actions, rule, visibleAt }) => rule === "deliberation" && visibleAt !== null && actions.length > 0,
      ),
    ),
    Stream.filter((row) => row !== undefined),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.orDie,
  )

it.live(
  "a comment becomes a draft that survives a kill, waits for a person, and tells how it came about",
  () =>
    Effect.gen(function* () {
      const reached = yield* Deferred.make<void>()
      let held = false
      const mind = yield* mindWorld(
        {
          answer: (asked) => {
            if (isTriage(asked) || held) return answer(asked)
            held = true
            Effect.runSync(Deferred.succeed(reached, undefined))
            return new Promise<Turn>(() => {})
          },
        },
        {
          attention: { quietAfterEditMs: 200 },
          // the call that the kill cuts off is counted at its worst
          budgets: { ruleUsd: null, sessionUsd: null, dayUsd: null, callUsd: null },
        },
      )
      const dir = yield* mind.repositoryOf("cart", { "cart.js": wrong })
      const first = yield* attach(mind)
      assert.strictEqual((yield* mind.claw("up", "--workspace", dir)).exit, 0)
      const watched = Effect.map(wholeLog(first), (log) =>
        ofType(log, "daemon.health").some(
          ({ payload, workspace }) => payload.component === "source:fs" && workspace === dir,
        ),
      )
      yield* until("files are watched", watched)
      writeFileSync(join(dir, "cart.js"), `// claw: this begins at the wrong number\n${wrong}`)
      yield* Deferred.await(reached)
      yield* killed(first.pid)

      const again = yield* attach(mind)
      const row = yield* offered(again)
      assert.strictEqual(row.title, "Begin the sum in cart.js at 0")
      assert.include(readFileSync(join(dir, "cart.js"), "utf8"), wrong)
      const detail = yield* Effect.orDie(again.client.Show({ id: row.id }))
      assert.include(
        detail.plans[0]?.preview ?? "",
        "+export const total = (xs) => xs.reduce((a, b) => a + b, 0)",
      )
      yield* approving(again)
      yield* until("it is done", () => readFileSync(join(dir, "cart.js"), "utf8").includes(right))
      yield* until(
        "its end is in the log",
        Effect.map(wholeLog(again), (log) => ofType(log, "decision.outcome").length > 0),
      )

      const why = yield* mind.claw("why", row.id)
      for (const type of [
        "comment.addressed",
        "situation.thought",
        "situation.drafted",
        "approval.approved",
        "tool.finished",
      ])
        assert.include(why.stdout, type)
      assert.match(why.stdout, /cost: \$0\.\d+, \d model calls/)
      const log = yield* wholeLog(again)
      for (const type of ["situation.thought", "situation.drafted", "decision.draft"] as const)
        assert.strictEqual(ofType(log, type).length, 1, type)
      assert.strictEqual(
        ofType(log, "tool.started").filter(({ payload }) => payload.tool === "edit_file").length,
        1,
      )
      const replay = yield* mind.claw("replay", "--json")
      assert.strictEqual(replay.exit, 0, replay.stdout + replay.stderr)
      const { prompts } = JSON.parse(replay.stdout) as {
        prompts: { calls: number; same: number; changed: number }
      }
      assert.deepStrictEqual([prompts.changed, prompts.same], [0, prompts.calls])
      yield* mind.claw("down")
      yield* gone(again.pid)
      const eaten = yield* mind.claw("eval", "thoughts", mind.directories.log)
      assert.match(eaten.stdout, /comment\.addressed +1 +1 +0 +1/)
    }).pipe(Effect.scoped),
  90_000,
)
