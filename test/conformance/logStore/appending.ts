/** What every layer of the log must do when it is appended to: order, chain, expectations, all or nothing. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { LogStore } from "../../../log-store/LogStore.ts"
import { chainHash, sha256, zeroHash } from "../../../log-store/canonical.ts"
import { queryMatcher } from "../../../log-store/queryMatcher.ts"
import type { Event, EventDraft } from "../../../src/domain/event.ts"
import { note, range, seqs, stopped, type Suite } from "./suite.ts"

export const appending = ({ collect, test }: Suite): void => {
  test(
    "assigns dense seqs, growing ids and the clock's time",
    Effect.gen(function* () {
      const log = yield* LogStore
      assert.deepStrictEqual(yield* log.head, { seq: 0, hash: zeroHash, at: null })
      yield* TestClock.setTime(Date.parse("2026-05-01T10:00:00.123Z"))
      const [a, b] = yield* log.append([note("a"), note("b")])
      yield* TestClock.adjust("1 second")
      const [c] = yield* log.append([stopped("c", { workspace: "/w", trust: "untrusted" })])
      assert.deepStrictEqual(seqs([a!, b!, c!]), [1, 2, 3])
      assert.strictEqual(a!.at, "2026-05-01T10:00:00.123Z")
      assert.strictEqual(c!.at, "2026-05-01T10:00:01.123Z")
      assert.isTrue(a!.id < b!.id && b!.id < c!.id)
      assert.match(a!.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      assert.deepStrictEqual(
        { type: c!.type, workspace: c!.workspace, trust: c!.trust, payload: c!.payload },
        { type: "daemon.stopped", workspace: "/w", trust: "untrusted", payload: { reason: "c" } },
      )
      assert.deepStrictEqual(yield* log.head, { seq: 3, hash: c!.hash, at: c!.at })
      assert.deepStrictEqual(yield* log.append([]), [])
    }),
  )

  test(
    "keeps the order and says so when the clock goes back",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* TestClock.setTime(1_000_000)
      yield* log.append([note("late")])
      yield* TestClock.setTime(400_000)
      const [back] = yield* log.append([note("back")])
      yield* TestClock.setTime(1_000_500)
      yield* log.append([note("later")])
      assert.strictEqual(back!.at, new Date(400_000).toISOString())
      const all = yield* collect({})
      assert.deepStrictEqual(seqs(all), [1, 2, 3])
      assert.isTrue(all[0]!.id < all[1]!.id && all[1]!.id < all[2]!.id)
      assert.deepStrictEqual(seqs(yield* collect({ until: 500_000 })), [2])
      assert.deepStrictEqual(seqs(yield* collect({ since: 500_000 })), [1, 3])
      assert.deepStrictEqual(seqs(yield* collect({ since: 400_000, until: 1_000_000 })), [1, 2])
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "chains every event as the canonical form says",
    Effect.gen(function* () {
      const log = yield* LogStore
      const big = "x".repeat(10_000)
      yield* log.append([
        note('é\u{1f600}\ud800"'),
        note(big, { causationId: "c", correlationId: "k" }),
        note(""),
      ])
      const all = yield* collect({})
      let prevHash = zeroHash
      for (const event of all) {
        const payloadHash = sha256(JSON.stringify(event.payload))
        assert.strictEqual(event.prevHash, prevHash)
        assert.strictEqual(event.hash, chainHash({ ...event, payloadHash, blobs: [] }))
        prevHash = event.hash
      }
      assert.strictEqual((all[1]!.payload as { readonly detail: string }).detail, big)
    }),
  )

  test(
    "gives readers what JSON makes of a payload, and tails the same",
    Effect.gen(function* () {
      const log = yield* LogStore
      const odd = { ...note("x"), payload: { detail: "x", nothing: undefined, not: Number.NaN, minus: -0 } }
      const tail = yield* log
        .tail(1)
        .pipe(Stream.take(2), Stream.runCollect, Effect.forkChild({ startImmediately: true }))
      const [first, second] = yield* log.append([odd as unknown as EventDraft, note("plain")])
      const events = yield* collect({})
      assert.deepStrictEqual(events[0]!.payload as unknown, { detail: "x", not: null, minus: 0 })
      const header = ({ payload: _payload, ...rest }: Event) => rest
      assert.deepStrictEqual(header(events[0]!), header(first!))
      assert.deepStrictEqual(events[1]!, second!)
      assert.deepStrictEqual([...(yield* Fiber.join(tail))], events)
      assert.deepStrictEqual(yield* log.get(1), events[0]!)
      assert.deepStrictEqual(Object.keys(second!), Object.keys(events[1]!))
    }),
  )

  test(
    "appends many fibers' drafts contiguously, each all or nothing",
    Effect.gen(function* () {
      const log = yield* LogStore
      const results = yield* Effect.forEach(
        range(1, 300),
        (n) => log.append(range(1, 1 + (n % 4)).map((m) => note(`${n}.${m}`))),
        { concurrency: "unbounded" },
      )
      const all = yield* collect({})
      assert.deepStrictEqual(seqs(all), range(1, all.length))
      for (const events of results) {
        assert.deepStrictEqual(seqs(events), range(events[0]!.seq, events[0]!.seq + events.length - 1))
        assert.deepStrictEqual(all.slice(events[0]!.seq - 1, events[0]!.seq - 1 + events.length), [...events])
      }
      assert.strictEqual((yield* log.verify()).events, all.length)
    }),
  )

  test(
    "refuses a draft that is no JSON without hurting the others",
    Effect.gen(function* () {
      const log = yield* LogStore
      const circular: Record<string, unknown> = {}
      circular["self"] = circular
      const bad = { ...note("bad"), payload: circular } as unknown as EventDraft
      const [one, exit, two] = yield* Effect.all(
        [log.append([note("1")]), Effect.exit(log.append([note("no"), bad])), log.append([note("2")])],
        { concurrency: "unbounded" },
      )
      assert.strictEqual(exit._tag, "Failure")
      assert.deepStrictEqual([...seqs(one), ...seqs(two)], [1, 2])
    }),
  )

  test(
    "appends under an expectation, first come first served",
    Effect.gen(function* () {
      const log = yield* LogStore
      const answer = (text: string, lastSeq: number) =>
        log.append([note(text, { correlationId: "s_1" })], { expect: { correlationId: "s_1", lastSeq } })
      yield* log.append([note("asked", { correlationId: "s_1" }), note("other", { correlationId: "s_2" })])
      const results = yield* Effect.forEach(range(1, 20), (n) => Effect.result(answer(`${n}`, 1)), {
        concurrency: "unbounded",
      })
      const won = results.filter((r) => r._tag === "Success")
      assert.lengthOf(won, 1)
      for (const r of results)
        if (r._tag === "Failure")
          assert.strictEqual(
            r.failure.message.replace(/^.*?{/, "{"),
            '{"_tag":"Conflict","correlationId":"s_1","expected":1,"found":3}',
          )
      const late = yield* Effect.flip(answer("late", 2))
      assert.strictEqual(late.reason._tag, "Conflict")
      assert.deepStrictEqual(seqs(yield* answer("next", 3)), [4])
      assert.deepStrictEqual(
        seqs(
          yield* log.append([note("n", { correlationId: "new" })], {
            expect: { correlationId: "new", lastSeq: 0 },
          }),
        ),
        [5],
      )
    }),
  )

  test(
    "is read, searched, verified and erased alike while it grows an event at a time",
    Effect.gen(function* () {
      const log = yield* LogStore
      const total = 300
      const tail = yield* log.tail(1).pipe(
        Stream.takeUntil((event) => event.seq === total),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true }),
      )
      const erased = new Set<number>()
      for (const n of range(1, 100)) {
        const header = { correlationId: n % 9 === 0 ? "s_9" : null, workspace: n % 2 === 0 ? "/w" : null }
        yield* Effect.all(
          [log.append([note(`one ${n}`, header)]), log.append([stopped(`two ${n}`, header)])],
          { concurrency: "unbounded" },
        )
        // A third event each time; now and then an erasure, on its way together with others.
        if (n % 20 === 0) {
          // Every sixtieth event is the record of an erasure, and stays.
          const wanted = [n, 2 * n].filter((seq) => !erased.has(seq) && seq % 60 !== 0)
          for (const seq of wanted) erased.add(seq)
          const [, event] = yield* Effect.all([log.append([]), log.erase([n, 2 * n], "test", "user:cli")], {
            concurrency: "unbounded",
          })
          assert.deepStrictEqual(event.payload as unknown, { seqs: wanted, reason: "test" })
        } else yield* log.append([note(`three ${n}`, header)])
        if (n % 10 === 0) {
          const all = yield* collect({})
          assert.deepStrictEqual(seqs(all), range(1, 3 * n))
          assert.deepStrictEqual(
            seqs(all.filter((event) => event.erased === true)),
            [...erased].sort((a, b) => a - b),
          )
          for (const query of [{ correlationId: "s_9" }, { workspace: "/w" }, { types: ["daemon.stopped"] }])
            for (const reverse of [false, true]) {
              const expected = seqs(all.filter(queryMatcher(query)))
              assert.deepStrictEqual(
                seqs(yield* collect({ ...query, reverse })),
                reverse ? expected.reverse() : expected,
              )
            }
          assert.deepStrictEqual(yield* log.getById(all[n]!.id), all[n]!)
          assert.deepStrictEqual(yield* Effect.map(log.verify(), ({ ok, events }) => [ok, events]), [
            true,
            3 * n,
          ])
        }
      }
      assert.deepStrictEqual(seqs([...(yield* Fiber.join(tail))]), range(1, total))
    }),
  )
}
