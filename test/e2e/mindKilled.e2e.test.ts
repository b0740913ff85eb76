/**
 * A task whose daemon is killed again and again: it is taken up, no effect happens twice, and the log says so. Then the
 * day's ceiling: it pauses, over a kill too, and goes on when a person raises it. Nothing is asked that no event caused.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Event } from "../../src/domain/event.ts"
import { ndjson } from "../cli/claws.ts"
import { follow } from "./Followed.ts"
import {
  approving,
  attach,
  type Attached,
  killed,
  type Mind,
  mindSettings,
  mindWorld,
  ofType,
  wholeLog,
} from "./Mind.ts"
import { solve, task } from "./mindSolver.ts"

const scope = Scope.makeUnsafe()
let mind: Mind
beforeAll(async () => {
  mind = await Effect.runPromise(mindWorld({ answer: solve }).pipe(Effect.provideService(Scope.Scope, scope)))
}, 60_000)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

const kills = 4

const begin = Effect.fnUntraced(function* ({ client, person }: Attached, workspace: string) {
  const { session } = yield* Effect.orDie(client.OpenSession({ ...(yield* person), kind: "chat", workspace }))
  yield* Effect.orDie(client.Say({ ...(yield* person), session, text: task.word, files: [] }))
  return session
})

const restedIn = (session: string) => (event: Event) =>
  event.type === "session.rested" && event.payload.session === session

/** One life of the daemon: it dies after so many events, or rests before. Answers whether it rested. */
const life = Effect.fnUntraced(function* (session: string, events: number | null) {
  const attached = yield* attach(mind)
  yield* approving(attached)
  const log = yield* follow(attached.client)
  const head = yield* log.head
  const rests = restedIn(session)
  const found = yield* log.until<Event>(
    "its end, or so many events",
    0,
    (event) => rests(event) || (events !== null && event.seq > head + events),
  )
  if (rests(found)) return true
  yield* killed(attached.pid)
  return false
}, Effect.scoped)

describe("a daemon that dies in mid-task", () => {
  it.live(
    `takes it up over ${kills} kills and repeats no effect`,
    () =>
      Effect.gen(function* () {
        const dir = yield* mind.repositoryOf("killed", task.files)
        const session = yield* Effect.scoped(Effect.flatMap(attach(mind), (one) => begin(one, dir)))
        let rested = false
        for (let n = 0; n < kills && !rested; n++) rested = yield* life(session, 2 + ((n * 7) % 11))
        if (!rested) assert.isTrue(yield* life(session, null))

        assert.strictEqual(readFileSync(join(dir, "sum.js"), "utf8"), task.done)
        assert.strictEqual(mind.git(dir, "log", "--format=%s").trim(), `${task.subject}\nBegin`)
        const runs = readFileSync(join(dir, "runs.txt"), "utf8").trim().split("\n")
        assert.isAtLeast(runs.length, 3)
        assert.lengthOf(new Set(runs), runs.length, runs.join(", "))

        const events = yield* wholeLog(yield* attach(mind))
        const started = ofType(events, "tool.started").map(({ payload }) => payload.suggestion)
        assert.lengthOf(new Set(started), started.length)
        const lives = ofType(events, "daemon.started").length
        assert.isAtLeast(lives, 3)
        // each call has one end, also those that a kill cut off
        const requested = ofType(events, "model.requested").map(({ payload }) => payload.call)
        const ended = events.flatMap((event) =>
          event.type === "model.answered" || event.type === "model.failed" ? [event.payload.call] : [],
        )
        assert.deepStrictEqual(ended.toSorted(), requested.toSorted())
        const { exit, stderr, stdout } = yield* mind.claw("replay", "--json")
        assert.strictEqual(exit, 0, stderr)
        assert.deepInclude((ndjson(stdout)[0] as { prompts: object }).prompts, {
          calls: requested.length,
          same: requested.length,
        })
      }).pipe(Effect.scoped),
    120_000,
  )

  it.live(
    "a day's ceiling pauses, over a kill too, and goes on when it is raised",
    () =>
      Effect.gen(function* () {
        const first = yield* attach(mind)
        const spent = ofType(yield* wholeLog(first), "model.answered").reduce(
          (all, { payload }) => all + payload.usd!,
          0,
        )
        yield* killed(first.pid)
        yield* mind.configure(
          mindSettings(mind.server, { budgets: { callUsd: null, sessionUsd: null, dayUsd: spent + 0.05 } }),
        )
        const dir = yield* mind.repositoryOf("paid", task.files)
        const asked = mind.server.journal.length
        const { pid, session } = yield* Effect.gen(function* () {
          const attached = yield* attach(mind)
          const log = yield* follow(attached.client)
          const opened = yield* begin(attached, dir)
          const paused = yield* log.untilType("model.paused", 0)
          assert.strictEqual(paused.payload.scope, "day")
          return { pid: attached.pid, session: opened }
        }).pipe(Effect.scoped)
        yield* killed(pid)

        const attached = yield* attach(mind)
        const log = yield* follow(attached.client)
        const started = yield* log.untilType(
          "daemon.started",
          0,
          ({ payload }) => payload.pid === attached.pid,
        )
        yield* log.untilType("model.paused", started.seq)
        assert.strictEqual(mind.server.journal.length, asked)
        const rows = yield* attached.client.Queue({ all: false })
        const questions = rows.filter(({ question }) => question !== undefined)
        assert.lengthOf(questions, 1)
        const [question] = questions
        assert.match(question!.question!.text, /spending limit/)
        yield* approving(attached)
        // a little is not enough for all of it, so it may ask again
        yield* Effect.orDie(
          attached.client.Answer({
            ...(yield* attached.person),
            id: question!.id,
            answer: { chosen: [question!.question!.options[0]!], text: "" },
          } as never),
        )
        const raised = yield* log.untilType("model.raised", started.seq)
        assert.isAbove(raised.payload.limitUsd, spent + 0.05)
        yield* log.untilType("model.answered", raised.seq, ({ correlationId }) => correlationId === session)
        yield* Effect.orDie(attached.client.StopSession({ ...(yield* attached.person), session }))
        yield* log.until("its end", raised.seq, restedIn(session))
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live("asks nothing that no event caused", () =>
    Effect.gen(function* () {
      const events = yield* wholeLog(yield* attach(mind))
      const byId = new Map(events.map((event) => [event.id, event.type]))
      const causes = new Set(
        ofType(events, "model.requested").map(({ causationId }) => byId.get(causationId ?? "")),
      )
      for (const cause of causes) assert.match(String(cause), /^session\.(?:said|results|noted)$/)
      const asked = mind.server.journal.length
      mind.git(mind.repository, "commit", "-q", "--allow-empty", "-m", "nothing for a model")
      assert.strictEqual((yield* mind.claw("status")).exit, 0)
      assert.strictEqual(mind.server.journal.length, asked)
    }).pipe(Effect.scoped),
  )
})
