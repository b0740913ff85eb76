/** What every layer of the log must do: one suite, run against memory and against LMDB. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, type Layer, Ref, Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { LogError, LogStore, type Projection, type Query } from "../../log-store/LogStore.ts"
import { chainHash, sha256, zeroHash } from "../../log-store/canonical.ts"
import { provesConsistency, rootOfInclusion } from "../../log-store/merkle/proofs.ts"
import { RunningRoot } from "../../log-store/merkle/RunningRoot.ts"
import { queryMatcher } from "../../log-store/queryMatcher.ts"
import type { Upcasts } from "../../log-store/upcasts.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"

export interface Options {
  readonly upcasts?: Upcasts
}

export const note = (detail: string, header: Partial<EventDraft> = {}): EventDraft =>
  draft("daemon.health", { component: "test", state: "running", backend: null, detail }, {
    actor: "test",
    ...header,
  } as { readonly actor: string })
export const stopped = (reason: string, header: Partial<EventDraft> = {}): EventDraft =>
  draft("daemon.stopped", { reason }, { actor: "daemon", ...header } as { readonly actor: string })

const seqs = (events: ReadonlyArray<Event>) => events.map((event) => event.seq)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

const counter: Projection<{ readonly count: number }> = {
  name: "counter",
  version: 1,
  initial: { count: 0 },
  evolve: (state) => ({ count: state.count + 1 }),
}

export const logStoreConformance = (
  name: string,
  layer: (options?: Options) => Layer.Layer<LogStore, LogError>,
) => {
  const test = (what: string, body: Effect.Effect<void, unknown, LogStore>, options?: Options) =>
    it.effect(what, () => Effect.scoped(Effect.provide(body, layer(options))), 30_000)
  const collect = (query: Query) =>
    LogStore.use((log) =>
      log.read(query).pipe(
        Stream.runCollect,
        Effect.map((events) => [...events]),
      ),
    )

  describe(name, () => {
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
          assert.deepStrictEqual(all.slice(events[0]!.seq - 1, events[0]!.seq - 1 + events.length), [
            ...events,
          ])
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
            for (const query of [
              { correlationId: "s_9" },
              { workspace: "/w" },
              { types: ["daemon.stopped"] },
            ])
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
      "keeps blobs under their hash, once",
      Effect.gen(function* () {
        const log = yield* LogStore
        const text = new TextEncoder().encode("content ".repeat(2000))
        const bytes = new Uint8Array([0, 255, 1, 254])
        yield* log.append([
          note("1", { blobs: [text, bytes] }),
          note("2", { blobs: [text] }),
          note("3", { blobs: [] }),
        ])
        yield* log.append([note("4", { blobs: [new Uint8Array()] })])
        assert.deepStrictEqual(new Uint8Array((yield* log.blob(sha256(text)))!), text)
        assert.deepStrictEqual(new Uint8Array((yield* log.blob(sha256(bytes)))!), bytes)
        assert.strictEqual((yield* log.blob(sha256("")))!.length, 0)
        assert.isNull(yield* log.blob(sha256("never stored")))
        assert.isNull(yield* log.blob("../../etc/passwd"))
        assert.isTrue((yield* log.verify()).ok)
      }),
    )

    test(
      "keeps large payloads exactly",
      Effect.gen(function* () {
        const log = yield* LogStore
        const sizes = [4000, 4096, 4097, 50_000, 1_000_000]
        for (const size of sizes) yield* log.append([note("é".repeat(size / 2)), note("z".repeat(size))])
        const all = yield* collect({})
        assert.deepStrictEqual(
          all.map((event) => (event.payload as { readonly detail: string }).detail.length),
          sizes.flatMap((size) => [size / 2, size].map(Math.floor)),
        )
        assert.isTrue((yield* log.verify()).ok)
      }),
    )

    test(
      "keeps checkpoints by name and version",
      Effect.gen(function* () {
        const log = yield* LogStore
        assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 0, state: { count: 0 } })
        yield* log.append(range(1, 10).map((n) => note(`${n}`)))
        yield* log.saveCheckpoint(counter, 5, { count: 5 })
        yield* log.saveCheckpoint({ ...counter, name: "other" }, 9, { count: 99 })
        assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 5, state: { count: 5 } })
        yield* log.saveCheckpoint(counter, 10, { count: 10 })
        assert.deepStrictEqual(yield* log.loadCheckpoint(counter), { seq: 10, state: { count: 10 } })
        assert.deepStrictEqual(yield* log.loadCheckpoint({ ...counter, version: 2 }), {
          seq: 0,
          state: { count: 0 },
        })
        assert.deepStrictEqual(yield* log.head.pipe(Effect.map((head) => head.seq)), 10)
      }),
    )

    test(
      "keeps checkpoints of the past, and finds the nearest",
      Effect.gen(function* () {
        const log = yield* LogStore
        yield* log.append(range(1, 100).map((n) => note(`${n}`)))
        const longer = { ...counter, name: "counter-too" }
        for (const seq of [10, 20, 90])
          yield* log.saveCheckpoint(counter, seq, { count: seq }, { keep: true })
        yield* log.saveCheckpoint(longer, 50, { count: -50 }, { keep: true })
        yield* log.saveCheckpoint({ ...counter, version: 2 }, 60, { count: -60 }, { keep: true })
        yield* log.saveCheckpoint(counter, 70, { count: 70 })
        const near = (at?: number) => Effect.map(log.loadCheckpoint(counter, at), ({ seq }) => seq)
        const asked = [0, 9, 10, 19, 20, 69, 70, 89, 90, 100, 1_000]
        const found = yield* Effect.forEach(asked, near)
        assert.deepStrictEqual(found, [0, 0, 10, 10, 20, 20, 70, 70, 90, 90, 90])
        assert.strictEqual(yield* near(), 90)
        assert.deepStrictEqual(yield* log.loadCheckpoint(counter, 25), { seq: 20, state: { count: 20 } })
        assert.strictEqual((yield* log.loadCheckpoint(longer, 49)).seq, 0)

        yield* log.dropCheckpoints(70, counter.name)
        assert.deepStrictEqual(yield* Effect.forEach(asked, near), [
          0,
          0,
          10,
          10,
          ...Array<number>(7).fill(20),
        ])
        assert.strictEqual((yield* log.loadCheckpoint(longer)).seq, 50)
        yield* log.dropCheckpoints(20)
        assert.strictEqual(yield* near(), 10)
        assert.strictEqual((yield* log.loadCheckpoint(longer)).seq, 0)
        assert.isTrue((yield* log.verify()).ok)
      }),
    )

    test(
      "drops with an erased payload every checkpoint that may hold it, also one on its way",
      Effect.gen(function* () {
        const log = yield* LogStore
        yield* log.append(range(1, 20).map((n) => note(`${n}`)))
        yield* log.saveCheckpoint(counter, 9, { count: 9 }, { keep: true })
        yield* log.saveCheckpoint(counter, 10, { count: 10 }, { keep: true })
        yield* log.saveCheckpoint(counter, 20, { count: 20 })
        yield* Effect.all(
          [
            log.saveCheckpoint({ ...counter, name: "late" }, 15, { count: 15 }),
            log.erase([10, 12], "private", "user:cli"),
          ],
          { concurrency: "unbounded" },
        )
        assert.strictEqual((yield* log.loadCheckpoint(counter)).seq, 9)
        assert.strictEqual((yield* log.loadCheckpoint({ ...counter, name: "late" })).seq, 0)
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
      "erases payloads for good and stays verifiable",
      Effect.gen(function* () {
        const log = yield* LogStore
        const secret = new TextEncoder().encode(`secret file ${"s".repeat(5000)}`)
        yield* log.append(range(1, 200).map((n) => note(`token-${n}`)))
        const [big] = yield* log.append([note(`token-big ${"b".repeat(5000)}`, { blobs: [secret] })])
        const before = yield* collect({})
        const event = yield* log.erase([7, 150, big!.seq, 9999, 7], "a secret slipped through", "user:cli")
        assert.strictEqual(event.type, "log.erased")
        assert.deepStrictEqual(event.payload as unknown, {
          seqs: [7, 150, 201],
          reason: "a secret slipped through",
        })
        const after = yield* collect({ to: 201 })
        for (const gone of [7, 150, 201]) {
          const { payload: _payload, ...header } = before[gone - 1]!
          assert.deepStrictEqual(after[gone - 1] as unknown, { ...header, payload: null, erased: true })
        }
        assert.deepStrictEqual(after[7], before[7])
        assert.isNull(yield* log.blob(sha256(secret)))
        assert.deepStrictEqual(seqs(yield* collect({ grep: 'token-7"' })), [])
        assert.deepStrictEqual(seqs(yield* collect({ grep: "token-big" })), [])
        const lines = yield* log.exportLines().pipe(Stream.runCollect)
        assert.isFalse([...lines].some((line) => line.includes("token-150") || line.includes("token-big")))
        const report = yield* log.verify()
        assert.deepStrictEqual([report.ok, report.events], [true, 202])
        // The same content may come again later; what was erased stays so.
        yield* log.append([note("again", { blobs: [secret] })])
        assert.isNotNull(yield* log.blob(sha256(secret)))
        assert.isNull((yield* log.get(201))!.payload)
        assert.isTrue((yield* log.verify()).ok)
      }),
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
        yield* log.append([
          note("1", { blobs: [blob] }),
          note("ü".repeat(3000)),
          note("3", { blobs: [blob] }),
        ])
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
      "proves each event and each growth by its Merkle tree, also after an erasure",
      Effect.gen(function* () {
        const log = yield* LogStore
        assert.strictEqual(yield* log.tree.root(0), sha256(""))
        for (const n of range(1, 30)) yield* log.append(range(1, n * 2).map((m) => note(`${n}.${m}`)))
        const leaves = (yield* collect({})).map((event) => Buffer.from(event.hash, "hex"))
        const before = yield* log.tree.root(500)
        yield* log.erase([7, 300], "test", "user:cli")
        const running = new RunningRoot()
        const roots = [
          "",
          ...leaves.map((leaf) => (running.push(leaf), Buffer.from(running.root).toString("hex"))),
        ]
        assert.strictEqual(before, roots[500])
        const bytes = (hex: string) => Buffer.from(hex, "hex")
        for (const [seq, size] of [
          [1, 1],
          [7, 300],
          [300, 300],
          [1, 930],
          [256, 930],
          [513, 930],
          [930, 930],
        ] as const) {
          const proof = yield* log.tree.inclusion(seq, size)
          assert.strictEqual(proof.root, roots[size])
          assert.strictEqual(proof.leaf, leaves[seq - 1]!.toString("hex"))
          const root = rootOfInclusion(bytes(proof.leaf), seq - 1, size, proof.path.map(bytes))
          assert.strictEqual(Buffer.from(root!).toString("hex"), proof.root)
        }
        for (const [from, to] of [
          [1, 930],
          [256, 930],
          [500, 512],
          [929, 930],
          [930, 930],
        ] as const) {
          const { path, ...ends } = yield* log.tree.consistency(from, to)
          assert.deepStrictEqual(ends, { from: roots[from], to: roots[to] })
          assert.isTrue(provesConsistency(from, bytes(ends.from!), to, bytes(ends.to!), path.map(bytes)))
        }
        assert.strictEqual(yield* log.tree.catchUp, 768)
        assert.strictEqual(yield* log.tree.rebuild, 768)
        const report = yield* log.tree.audit({ publicKey: null, anchors: [] })
        assert.deepStrictEqual(report, { checkpoints: 0, newest: null, keys: [], anchors: [], failure: null })
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
  })
}
