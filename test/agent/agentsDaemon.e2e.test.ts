/**
 * The real daemon over a server that speaks a vendor's protocol: killed in the middle of two children, whose parent gets
 * each result once; and a child that writes, whose patch is taken and undone, as `claw agent` and `claw undo` tell it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { attach, killed, mindWorld, type Attached, ofType, wholeLog } from "../e2e/Mind.ts"
import { shownIn } from "../../src/rpc/shown.ts"
import type { Asked, Turn } from "../fixtures/models/turns.ts"
import { ndjson } from "../cli/claws.ts"

/** Words of users and results, as the server was told. */
const told = ({ body }: Asked): string => JSON.stringify(body.messages)

const agent = (description: string, more: Readonly<Record<string, unknown>> = {}) => ({
  name: "Agent",
  input: { description, prompt: description, subagent_type: "explore", ...more },
})

const opened = Effect.fnUntraced(function* ({ client, person }: Attached, workspace: string, text: string) {
  const { session } = yield* Effect.orDie(client.OpenSession({ ...(yield* person), kind: "chat", workspace }))
  yield* Effect.orDie(client.Say({ ...(yield* person), session, text, files: [] }))
  return session
})

const until = <A>(look: Effect.Effect<A>, holds: (value: A) => boolean) =>
  Effect.repeat(look, { until: holds, schedule: Schedule.spaced("30 millis") })

describe("agents of the real daemon", () => {
  it.live("cost what `-p` says of the conversation they work for", () =>
    Effect.gen(function* () {
      const answer = (asked: Asked): Turn => {
        const words = told(asked)
        if (!words.includes("Look at both")) return { text: "it is bright" }
        return words.includes("it is bright")
          ? { text: "Both are bright." }
          : { calls: [agent("look left"), agent("look right")] }
      }
      const mind = yield* mindWorld({ answer })
      const asked = yield* mind.claw("-p", "Look at both", "--output", "json")
      const [result] = ndjson(asked.stdout) as unknown as ReadonlyArray<{
        readonly answer: string
        readonly usd: number
        readonly spent: { readonly usd: number; readonly calls: number; readonly unpriced: number }
      }>
      assert.isDefined(result, asked.stderr)
      assert.strictEqual(result.answer, "Both are bright.")
      const answers = ofType(yield* wholeLog(yield* attach(mind)), "model.answered")
      const paid = answers.reduce((sum, { payload }) => sum + (payload.usd ?? 0), 0)
      assert.lengthOf(answers, 4)
      assert.closeTo(result.spent.usd, paid, 1e-9)
      assert.include(result.spent, { calls: 4, unpriced: 0 })
      assert.isBelow(result.usd, result.spent.usd)
    }).pipe(Effect.scoped),
  )
  it.live(
    "go on after a kill -9; their parent has each result once",
    () =>
      Effect.gen(function* () {
        let held = true
        const releases: Array<() => void> = []
        const answer = async (asked: Asked): Promise<Turn> => {
          const words = told(asked)
          if (words.includes("Look at both")) {
            if (!words.includes("the left is dark"))
              return { calls: [agent("look left"), agent("look right")] }
            return { text: "The left is dark, the right is bright." }
          }
          if (held) await new Promise<void>((release) => releases.push(release))
          return { text: words.includes("look left") ? "the left is dark" : "the right is bright" }
        }
        const mind = yield* mindWorld({ answer })
        const dir = yield* mind.repositoryOf("both", { "a.txt": "one\n" })
        const before = yield* attach(mind)
        const session = yield* opened(before, dir, "Look at both")
        yield* mind.server.asked(3)
        const listed = yield* mind.claw("agent", "list", "--json")
        const ids = ndjson(listed.stdout).map((view) => (view as unknown as { readonly agent: string }).agent)
        assert.lengthOf(ids, 2)
        const slash = Effect.fnUntraced(function* (line: string) {
          const from = { ...(yield* before.person), session, dir, attended: true }
          return JSON.stringify(yield* Effect.orDie(before.client.RunCommand({ ...from, line })))
        })
        const [first = ""] = ids
        assert.include(yield* slash(`/agents show ${first}`), "look ")
        assert.include(yield* slash(`/agents send ${first.slice(0, 12)} mind the step`), "hears that")
        yield* killed(before.pid)
        held = false
        for (const release of releases) release()
        const after = yield* attach(mind)
        const events = yield* until(wholeLog(after), (all) =>
          ofType(all, "session.rested").some(({ correlationId }) => correlationId === session),
        )
        assert.deepStrictEqual(
          ofType(events, "agent.succeeded")
            .map(({ payload }) => payload.agent)
            .toSorted(),
          ids.toSorted(),
        )
        assert.deepStrictEqual(
          ofType(events, "session.said").flatMap(({ correlationId, payload }) =>
            payload.text === "mind the step" ? [correlationId] : [],
          ),
          [first],
        )
        const results = ofType(events, "session.results")
          .filter(({ correlationId }) => correlationId === session)
          .flatMap(({ payload }) => payload.results)
        assert.lengthOf(results, 2)
        assert.deepStrictEqual(results.map(({ ok, text }) => `${ok} ${text}`).toSorted(), [
          "true the left is dark",
          "true the right is bright",
        ])
        const shown = yield* mind.claw("agent", "show", ids[0]!)
        assert.include(shown.stdout, "succeeded")
        assert.match(shown.stdout, /the (?:left is dark|right is bright)/)
      }).pipe(Effect.scoped),
    60_000,
  )

  it.live(
    "write in a worktree; the patch is taken by a person and undone",
    () =>
      Effect.gen(function* () {
        const patch = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch\n"
        const answer = (asked: Asked): Turn => {
          const words = told(asked)
          if (words.includes("Have it changed"))
            return words.includes("wait for the developer") || words.includes("it is two")
              ? { text: "It waits for you." }
              : { calls: [agent("make it two", { subagent_type: "general" })] }
          if (words.includes("*** Begin Patch")) return { text: "it is two" }
          return !words.includes("## claw/c_")
            ? { calls: [{ name: "bash", input: { command: "git status -sb" } }] }
            : { calls: [{ name: "apply_patch", input: { patch } }] }
        }
        const mind = yield* mindWorld({ answer })
        const dir = yield* mind.repositoryOf("change", { "a.txt": "one\n" })
        const attached = yield* attach(mind)
        const { client, person } = attached
        const session = yield* opened(attached, dir, "Have it changed")
        const views = Effect.orDie(client.Agents({ all: true, session }))
        const take = Effect.fnUntraced(function* (id: string) {
          const detail = yield* until(Effect.orDie(client.Show({ id })), ({ plans }) => plans.length > 0)
          yield* Effect.orDie(
            client.Approve({ ...(yield* person), id, ...shownIn(detail), unsandboxed: false }),
          )
          yield* Effect.orDie(client.Await({ id }))
        })
        const [ended] = yield* until(
          views,
          ([view]) => view?.state === "succeeded" && view.tree?.state === "proposed",
        )
        assert.strictEqual(readFileSync(join(dir, "a.txt"), "utf8"), "one\n")
        const id = ended!.patch!
        yield* until(Effect.option(client.Show({ id })), (found) => found._tag === "Some")
        yield* take(id)
        assert.strictEqual(readFileSync(join(dir, "a.txt"), "utf8"), "two\n")
        yield* until(views, ([view]) => view?.tree?.state === "removed")
        assert.strictEqual(mind.git(dir, "branch", "--list", "claw/*"), "")
        yield* Effect.orDie(client.Undo({ ...(yield* person), id }))
        assert.strictEqual(readFileSync(join(dir, "a.txt"), "utf8"), "one\n")
        const listed = yield* mind.claw("agent", "list")
        assert.include(listed.stdout, "no agent is at work")
        const watched = yield* mind.claw("agent", "watch", ended!.agent)
        assert.include(watched.stdout, "it is two")
        assert.include(watched.stderr, "succeeded")
        const refused = yield* mind.claw("agent", "send", ended!.agent, "hello")
        assert.notStrictEqual(refused.exit, 0)
      }).pipe(Effect.scoped),
    60_000,
  )
})
