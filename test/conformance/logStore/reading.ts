/** What every layer of the log must answer: reads, searches, tails, verification, exports, errors. */
import { assert } from "@effect/vitest"
import { Effect, Fiber, Ref, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { LogError, LogStore, type Query } from "../../../log-store/LogStore.ts"
import { sha256, zeroHash } from "../../../log-store/canonical.ts"
import { queryMatcher } from "../../../log-store/queryMatcher.ts"
import type { Event } from "../../../src/domain/event.ts"
import { note, range, seqs, stopped, type Suite } from "./suite.ts"

export const reading = ({ collect, test }: Suite): void => {
  test(
    "gets by seq and by id",
    Effect.gen(function* () {
      const log = yield* LogStore
      for (const n of range(1, 40)) {
        if (n % 3 === 0) yield* TestClock.adjust("7 millis")
        yield* log.append(range(1, n % 5 === 0 ? 150 : 1).map((m) => note(`${n}.${m}`)))
      }
      const all = yield* collect({})
      for (const event of all.filter((_, n) => n % 37 === 0 || n === all.length - 1)) {
        assert.deepStrictEqual(yield* log.get(event.seq), event)
        assert.deepStrictEqual(yield* log.getById(event.id), event)
      }
      assert.isNull(yield* log.get(0))
      assert.isNull(yield* log.get(all.length + 1))
      assert.isNull(yield* log.getById("nonsense"))
      assert.isNull(yield* log.getById("ffffffff-ffff-7fff-bfff-ffffffffffff"))
      assert.isNull(yield* log.getById("00000000-0000-7000-8000-000000000000"))
      const nextId = all[10]!.id.slice(0, -1) + (all[10]!.id.endsWith("0") ? "1" : "0")
      assert.isNull(yield* log.getById(nextId))
    }),
  )

  test(
    "reads by every part of a query, forwards and backwards",
    Effect.gen(function* () {
      const log = yield* LogStore
      const causes: Array<string> = []
      for (const n of range(1, 60)) {
        yield* TestClock.setTime(n * 1000)
        const batch = range(1, n % 7 === 0 ? 140 : 3).map((m) => {
          const header = {
            workspace: m % 2 === 0 ? "/even" : null,
            causationId: m % 3 === 0 ? (causes[n % Math.max(causes.length, 1)] ?? null) : null,
            correlationId: m % 10 === 0 ? `s_${n % 4}` : null,
          }
          return m % 5 === 0 ? stopped(`Ende ${n}/${m} ÄÖ`, header) : note(`run ${n}/${m}`, header)
        })
        const events = yield* log.append(batch)
        if (n % 9 === 0) causes.push(events[0]!.id)
      }
      yield* log.append([note(`needle ${"y".repeat(9000)} END`), note("small")])
      const all = yield* collect({})
      const matches = (query: Query) => {
        const at = (event: Event) => Date.parse(event.at)
        const found = all.filter(
          (e) =>
            e.seq >= (query.from ?? 1) &&
            e.seq <= (query.to ?? Infinity) &&
            at(e) >= (query.since ?? -Infinity) &&
            at(e) <= (query.until ?? Infinity) &&
            (query.types === undefined ||
              query.types.some(
                (glob) => e.type === glob || (glob === "daemon.*" && e.type.startsWith("daemon.")),
              )) &&
            (query.workspace === undefined || e.workspace === query.workspace) &&
            (query.causationId === undefined || e.causationId === query.causationId) &&
            (query.correlationId === undefined || e.correlationId === query.correlationId) &&
            (query.grep === undefined ||
              JSON.stringify(e.payload).toLowerCase().includes(query.grep.toLowerCase())),
        )
        if (query.reverse) found.reverse()
        return seqs(found.slice(0, query.limit))
      }
      const queries: ReadonlyArray<Query> = [
        {},
        { from: 100, to: 300 },
        { from: 5000 },
        { to: 0 },
        { limit: 0 },
        { from: -5, limit: 7 },
        { since: 10_000, until: 20_000 },
        { since: 59_500 },
        { until: 999 },
        { types: ["daemon.stopped"] },
        { types: ["git.*"] },
        { types: ["git.commit", "daemon.*"], from: 200, limit: 11 },
        { workspace: "/even" },
        { workspace: "/nowhere" },
        { workspace: "/even", types: ["daemon.stopped"], since: 14_000, limit: 50 },
        { correlationId: "s_3" },
        { correlationId: "s_3", workspace: "/even", from: 150 },
        { causationId: causes[1]! },
        { causationId: "unknown" },
        { grep: "ENDE 7/" },
        { grep: "äö" },
        { grep: "needle" },
        { grep: "needle", types: ["daemon.stopped"] },
        { grep: "" },
      ]
      for (const query of queries)
        for (const variant of [query, { ...query, reverse: true }, { ...query, reverse: true, limit: 5 }])
          assert.deepStrictEqual(seqs(yield* collect(variant)), matches(variant), JSON.stringify(variant))
      // What a live tail is filtered with says the same of each event.
      for (const query of queries.filter((one) => one.limit === undefined))
        assert.deepStrictEqual(seqs(all.filter(queryMatcher(query))), matches(query), JSON.stringify(query))
      assert.isAbove(matches({ causationId: causes[1]! }).length, 3)
    }),
  )

  test(
    "verifies and reads while small appends go on",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append(range(1, 3000).map((n) => note(`${n}`)))
      const writer = yield* Effect.forkChild(
        Effect.forEach(range(1, 400), (n) =>
          Effect.andThen(Effect.yieldNow, log.append([note(`late ${n}`)])),
        ),
        { startImmediately: true },
      )
      let rounds = 0
      while (writer.pollUnsafe() === undefined) {
        const { seq } = yield* log.head
        const report = yield* log.verify({ from: seq - 150 })
        assert.isTrue(report.ok, report.failure?.message)
        assert.deepStrictEqual(
          seqs(yield* collect({ from: Math.max(seq - 100, 1), to: seq })),
          range(seq - 100, seq),
        )
        rounds++
      }
      assert.isAbove(rounds, 1)
      assert.isTrue((yield* log.verify()).ok)
    }),
  )

  test(
    "shows a reader what was there when it began, lazily",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append(range(1, 3000).map((n) => note(`${n}`)))
      const first = yield* log.read({}).pipe(Stream.take(1), Stream.runCollect)
      assert.deepStrictEqual(seqs([...first]), [1])
      let seen = 0
      yield* log.read({}).pipe(
        Stream.runForEachArray((events) =>
          Effect.gen(function* () {
            if (seen === 0) yield* log.append([note("meanwhile")])
            seen += events.length
          }),
        ),
      )
      assert.strictEqual(seen, 3000)
    }),
  )

  test(
    "tails from any place: what was, then what comes, each once and in order",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append(range(1, 500).map((n) => note(`${n}`)))
      const total = 2500
      const follow = (from: number) =>
        log.tail(from).pipe(
          Stream.takeUntil((event) => event.seq === total),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true }),
        )
      const fibers = [
        yield* follow(1),
        yield* follow(0),
        yield* follow(499),
        yield* follow(501),
        yield* follow(1700),
      ]
      yield* Effect.forEach(range(1, 400), (n) => log.append(range(1, 5).map((m) => note(`${n}.${m}`))), {
        concurrency: 50,
      })
      const [one, zero, near, next, later] = yield* Effect.forEach(fibers, (fiber) => Fiber.join(fiber))
      const all = yield* collect({})
      assert.strictEqual(all.length, total)
      assert.deepStrictEqual([...one!], all)
      assert.deepStrictEqual([...zero!], all)
      assert.deepStrictEqual([...near!], all.slice(498))
      assert.deepStrictEqual([...next!], all.slice(500))
      assert.deepStrictEqual([...later!], all.slice(1699))
    }),
  )

  test(
    "lets a slow tail fall behind and catch up without loss",
    Effect.gen(function* () {
      const log = yield* LogStore
      const seen = yield* Ref.make<ReadonlyArray<number>>([])
      const total = 9000
      const slow = yield* log.tail(1).pipe(
        Stream.takeUntil((event) => event.seq === total),
        Stream.runForEachArray((events) =>
          Effect.andThen(
            Effect.yieldNow,
            Ref.update(seen, (before) => [...before, ...seqs(events)]),
          ),
        ),
        Effect.forkChild({ startImmediately: true }),
      )
      for (const _ of range(1, 9)) yield* log.append(range(1, 1000).map((n) => note(`${n}`)))
      yield* Fiber.join(slow)
      assert.deepStrictEqual(yield* Ref.get(seen), range(1, total))
    }),
  )

  test(
    "upcasts old payloads on read, and verifies what is stored",
    Effect.gen(function* () {
      const log = yield* LogStore
      const [event] = yield* log.append([stopped("because"), note("same")])
      const [read, other] = yield* collect({})
      assert.deepStrictEqual(read!.payload as unknown, { why: ["because"], reason: "because" })
      assert.strictEqual(read!.v, 3)
      assert.strictEqual(read!.hash, event!.hash)
      assert.deepStrictEqual(yield* log.get(1), read!)
      assert.deepStrictEqual([...(yield* log.tail(1).pipe(Stream.take(1), Stream.runCollect))], [read!])
      assert.strictEqual(other!.v, 1)
      assert.isTrue((yield* log.verify()).ok)
    }),
    {
      upcasts: {
        "daemon.stopped": {
          1: (payload) => ({ why: (payload as { readonly reason: string }).reason }),
          2: (payload) => {
            const { why } = payload as { readonly why: string }
            return { why: [why], reason: why }
          },
        },
      },
    },
  )

  test(
    "verifies ranges and reports the head",
    Effect.gen(function* () {
      const log = yield* LogStore
      assert.deepStrictEqual(yield* log.verify(), {
        events: 0,
        head: { seq: 0, hash: zeroHash, at: null },
        ok: true,
        failure: null,
      })
      for (const n of range(1, 30)) yield* log.append(range(1, n).map((m) => note(`${n}.${m}`)))
      const head = yield* log.head
      assert.deepStrictEqual(yield* log.verify(), { events: 465, head, ok: true, failure: null })
      assert.strictEqual((yield* log.verify({ from: 100, to: 200 })).events, 101)
      assert.strictEqual((yield* log.verify({ from: 465 })).events, 1)
      assert.strictEqual((yield* log.verify({ from: 466 })).events, 0)
    }),
  )

  test(
    "exports each event as a line that anybody can check",
    Effect.gen(function* () {
      const log = yield* LogStore
      const blob = new TextEncoder().encode("kept")
      yield* log.append([note("1", { blobs: [blob] }), note("ü".repeat(3000)), note("3", { blobs: [blob] })])
      const lines = [...(yield* log.exportLines().pipe(Stream.runCollect))].map(
        (line) => JSON.parse(line) as Record<string, unknown>,
      )
      assert.deepStrictEqual(lines[0], { blob: sha256(blob), base64: "a2VwdA==" })
      assert.lengthOf(lines, 4)
      const all = yield* collect({})
      assert.deepStrictEqual(
        lines.slice(1).map(({ blobs: _blobs, ...event }) => event),
        all as unknown as Array<Record<string, unknown>>,
      )
      assert.deepStrictEqual(lines[3]!["blobs"], [sha256(blob)])
      const ranged = yield* log.exportLines({ from: 2, to: 2 }).pipe(Stream.runCollect)
      assert.deepStrictEqual((JSON.parse([...ranged][0]!) as Event).seq, 2)
    }),
  )

  test(
    "tells its errors apart by reason",
    Effect.gen(function* () {
      const log = yield* LogStore
      yield* log.append([note("1", { correlationId: "k" })])
      const error = yield* Effect.flip(
        log.append([note("2", { correlationId: "k" })], { expect: { correlationId: "k", lastSeq: 0 } }),
      )
      assert.isTrue(error instanceof LogError)
      const json = yield* Schema.encodeEffect(Schema.toCodecJson(LogError))(error)
      assert.deepStrictEqual(json as unknown, {
        _tag: "LogError",
        reason: { _tag: "Conflict", correlationId: "k", expected: 0, found: 1 },
      })
    }),
  )
}
