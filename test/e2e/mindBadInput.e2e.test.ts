/**
 * Servers and models that misbehave, against the real daemon in each protocol: work goes on or ends with a reason and what
 * to do, every call has one end, nothing hangs, and no key leaves. Two clients in one conversation are both heard.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope, Stream } from "effect"
import { mostItems } from "../../src/rpc/sessions.ts"
import type { Asked, Fault, Turn } from "../fixtures/models/turns.ts"
import {
  attach,
  type Attached,
  type Mind,
  mindSettings,
  mindWorld,
  ofType,
  type Speaker,
  speakers,
  wholeLog,
} from "./Mind.ts"
import { heard } from "./mindHeard.ts"

/** What goes wrong with the first request, and how the work on the word ends. */
const faults: Readonly<Record<string, { readonly fault: Fault; readonly ends: ReadonlyArray<string> }>> = {
  overloaded: { fault: { kind: "overloaded" }, ends: ["completed"] },
  server: { fault: { kind: "server" }, ends: ["completed"] },
  limited: { fault: { kind: "rate-limit", afterMs: 20 }, ends: ["completed"] },
  cut: { fault: { kind: "cut", afterBytes: 300 }, ends: ["completed", "failed"] },
  truncated: { fault: { kind: "truncated" }, ends: ["completed", "failed"] },
  malformed: { fault: { kind: "malformed" }, ends: ["completed", "failed"] },
  duplicated: { fault: { kind: "duplicated" }, ends: ["completed", "failed"] },
  reordered: { fault: { kind: "reordered" }, ends: ["completed", "failed"] },
  unknown: { fault: { kind: "unknown" }, ends: ["completed"] },
  stalled: { fault: { kind: "stall", afterBytes: 200 }, ends: ["completed", "failed"] },
  page: { fault: { kind: "page" }, ends: ["completed", "failed"] },
  spent: { fault: { kind: "spend-limit" }, ends: ["failed"] },
  refused: { fault: { kind: "bad-request", message: "no" }, ends: ["failed"] },
  keyless: { fault: { kind: "auth" }, ends: ["failed"] },
  missing: { fault: { kind: "not-found" }, ends: ["failed"] },
}

const words = "The answer is here, in so many words that it takes more than one piece to say them all."
const asking = new Map<string, number>()

const many = Array.from({ length: 100 }, (_, n) => ({
  name: "read_file",
  input: { path: `a.txt`, offset: n + 1 },
}))

/** By the name that the user's word has in brackets. */
const answer = (asked: Asked): Turn => {
  const told = heard(asked)
  const name = /\[case (\S+)\]/.exec(told.words.join("\n"))?.[1] ?? ""
  const n = (asking.get(name) ?? 0) + 1
  asking.set(name, n)
  const kind = name.split("/")[1] ?? ""
  if (kind in faults) return n === 1 ? { text: words, fault: faults[kind]!.fault } : { text: words }
  const first = told.calls.length === 0
  switch (kind) {
    case "no-such-tool":
      return first ? { calls: [{ name: "format_disk", input: { now: true } }] } : { text: words }
    case "broken-json":
      return first ? { calls: [{ name: "read_file", raw: '{"path": "a.txt' }] } : { text: words }
    case "hundred":
      return first ? { calls: many } : { text: words }
    default:
      return { text: words }
  }
}

const scope = Scope.makeUnsafe()
let mind: Mind
let dir: string
beforeAll(async () => {
  await Effect.runPromise(
    Effect.gen(function* () {
      mind = yield* mindWorld({ answer })
      const { models, ...rest } = mindSettings(mind.server)
      yield* mind.configure({
        ...rest,
        models: {
          ...models,
          timeouts: { stallMs: 1_000, totalMs: 20_000 },
          providers: {
            ...models.providers,
            dead: { kind: "chat", baseUrl: "http://127.0.0.1:9/v1", free: true },
          },
        },
      })
      dir = yield* mind.repositoryOf("bad", { "a.txt": "one\ntwo\n" })
    }).pipe(Effect.provideService(Scope.Scope, scope)),
  )
}, 60_000)
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Says it in a conversation of its own; how the work on it ended. */
const rests = Effect.fnUntraced(function* ({ client, person }: Attached, model: string, text: string) {
  const { seq, session } = yield* client.OpenSession({
    ...(yield* person),
    kind: "chat",
    workspace: dir,
    model,
  })
  yield* client.Say({ ...(yield* person), session, text, files: [] })
  yield* Stream.runDrain(client.FollowSession({ session, from: seq, untilRested: true }))
  const { items } = yield* client.SessionItems({ session, before: null, limit: mostItems })
  const end = items.findLast((item) => item._tag === "rested")
  return { session, reason: end?.reason ?? "nothing", message: end?.message ?? "", items }
}, Effect.orDie)

const speakerNames = Object.keys(speakers) as ReadonlyArray<Speaker>

describe("servers that misbehave", () => {
  it.live(
    "work goes on, or ends with what to do; each call has one end",
    () =>
      Effect.gen(function* () {
        const attached = yield* attach(mind)
        const cases = Object.keys(faults).flatMap((kind) =>
          speakerNames.map((speaker) => ({ kind, speaker })),
        )
        const ended = yield* Effect.forEach(
          cases,
          ({ kind, speaker }) =>
            Effect.map(rests(attached, speakers[speaker], `Say it. [case ${speaker}/${kind}]`), (end) => ({
              ...end,
              kind,
              speaker,
            })),
          { concurrency: "unbounded" },
        )
        for (const { items, kind, message, reason, speaker } of ended) {
          assert.include(faults[kind]!.ends, reason, `${speaker}/${kind}: ${message}`)
          if (reason === "failed") assert.match(message, /\w+: \w+/, `${speaker}/${kind}`)
          const last = items.findLast((item) => item._tag === "answered")
          const said = last?.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
          // events of Chat Completions have neither number nor name: nobody can tell one that came twice
          const told = !(speaker === "chat" && kind === "duplicated")
          if (reason === "completed" && told) assert.strictEqual(said, words, `${speaker}/${kind}`)
        }
        const dead = yield* rests(attached, "dead/any", "Is anybody there?")
        assert.strictEqual(dead.reason, "failed")
        assert.match(dead.message, /dead|127\.0\.0\.1/)

        const events = yield* wholeLog(attached)
        const requested = ofType(events, "model.requested").map(({ payload }) => payload.call)
        const ends = events.flatMap((event) =>
          event.type === "model.answered" || event.type === "model.failed" ? [event.payload.call] : [],
        )
        assert.deepStrictEqual(ends.toSorted(), requested.toSorted())
      }).pipe(Effect.scoped),
    120_000,
  )
})

describe("models that misbehave", () => {
  it.live("tools that there are not, broken JSON and a hundred calls at once each have their results", () =>
    Effect.gen(function* () {
      const attached = yield* attach(mind)
      for (const speaker of speakerNames) {
        const model = speakers[speaker]
        const resultsOf = (end: Effect.Success<ReturnType<typeof rests>>) =>
          end.items.flatMap((item) => (item._tag === "results" ? item.results : []))
        const none = yield* rests(attached, model, `Try. [case ${speaker}/no-such-tool]`)
        assert.strictEqual(none.reason, "completed")
        assert.deepStrictEqual(
          resultsOf(none).map(({ ok }) => ok),
          [false],
        )
        const broken = yield* rests(attached, model, `Try. [case ${speaker}/broken-json]`)
        assert.strictEqual(broken.reason, "completed", broken.message)
        assert.isFalse(resultsOf(broken).some(({ ok }) => ok))
        const hundred = yield* rests(attached, model, `Try. [case ${speaker}/hundred]`)
        assert.strictEqual(hundred.reason, "completed", hundred.message)
        assert.lengthOf(resultsOf(hundred), 100)
        assert.isAtMost(resultsOf(hundred).filter(({ suggestion }) => suggestion !== null).length, 32)
      }
    }).pipe(Effect.scoped),
  )
})

describe("people", () => {
  it.live("a key that was said goes to no model and into no log", () =>
    Effect.gen(function* () {
      // in two parts, so that no scanner takes this file for a leak
      const key = ["AKIA", "Z5GMXQ7TWJ2K3LPN"].join("")
      const attached = yield* attach(mind)
      const end = yield* rests(attached, speakers.anthropic, `Use ${key} for it. [case anthropic/key]`)
      assert.strictEqual(end.reason, "completed")
      assert.notInclude(JSON.stringify(mind.server.journal.map(({ body }) => body as unknown)), key)
      assert.notInclude(JSON.stringify(yield* wholeLog(attached)), key)
    }).pipe(Effect.scoped),
  )

  it.live("two clients in one conversation are both heard, once each, and see the same", () =>
    Effect.gen(function* () {
      const [one, other] = [yield* attach(mind), yield* attach(mind)]
      const { session } = yield* one.client.OpenSession({
        ...(yield* one.person),
        kind: "chat",
        workspace: dir,
      })
      const say = ({ client, person }: Attached, text: string) =>
        Effect.flatMap(person, (from) => client.Say({ ...from, session, text, files: [] }))
      const seqs = yield* Effect.all(
        [say(one, "The first. [case two]"), say(other, "The second. [case two]")],
        {
          concurrency: 2,
        },
      )
      const until = ({ client }: Attached) =>
        client.FollowSession({ session, from: Math.max(...seqs), untilRested: true }).pipe(Stream.runDrain)
      yield* Effect.all([until(one), until(other)], { concurrency: 2 })
      const items = (attached: Attached) =>
        Effect.map(
          attached.client.SessionItems({ session, before: null, limit: mostItems }),
          (page) => page.items,
        )
      const [seen, also] = [yield* items(one), yield* items(other)]
      assert.deepStrictEqual(seen, also)
      const said = seen.flatMap((item) => (item._tag === "said" ? [item.text] : []))
      assert.deepStrictEqual(said.toSorted(), ["The first. [case two]", "The second. [case two]"])
      const asked = mind.server.journal
        .map((one) => heard(one).words)
        .filter((all) => all.join().includes("[case two]"))
      assert.isTrue(asked.some((all) => /first/.test(all.join()) && /second/.test(all.join())))
      assert.strictEqual(seen.findLast((item) => item._tag === "rested")?.reason, "completed")
    }).pipe(Effect.scoped),
  )
})
