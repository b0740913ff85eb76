/** When the log is signed, what is never signed, and what an anchor's failure does (nothing, but be said). */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { TestClock } from "effect/testing"
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { cutNotes } from "../../log-store/checkpointNotes.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { LogStore } from "../../log-store/LogStore.ts"
import { Keychain } from "../../src/config/Keychain.ts"
import { defaultSettings, type Settings } from "../../src/config/Settings.ts"
import { Anchoring } from "../../src/daemon/Anchoring.ts"
import { Checkpoints } from "../../src/daemon/Checkpoints.ts"
import { Configs } from "../../src/daemon/Configs.ts"
import { findSigningKey, signingKeyName } from "../../src/daemon/signingKey.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import { Appender } from "../../src/loop/Appender.ts"
import { temporaryDir } from "../log-store/temporary.ts"

const env = { PATH: process.env["PATH"] }

interface Place {
  readonly dir: string
  readonly keys?: string
  readonly anchors?: Settings["anchors"]
}

/** The part of the daemon that signs, over a real log in this folder. */
const signing = ({ dir, keys = join(dir, "keys"), anchors = [] }: Place) =>
  Checkpoints.layer.pipe(
    Layer.provideMerge(Anchoring.layer({ env })),
    Layer.provideMerge(
      Layer.mock(Configs, { settingsFor: () => Effect.succeed({ ...defaultSettings, anchors }) }),
    ),
    Layer.provideMerge(Keychain.layer({ directory: keys, env: {} })),
    Layer.provideMerge(Appender.layer),
    Layer.provideMerge(LmdbLogStore.layer({ dir: join(dir, "log"), mapSize: 2 ** 28 })),
  )
const inPlace =
  (place: Place) =>
  <A, E, R>(body: Effect.Effect<A, E, R>) =>
    Effect.scoped(Effect.provide(body, Layer.fresh(signing(place))))

const happen = (what: string, count = 1) =>
  LogStore.use((store) =>
    store.append(
      Array.from({ length: count }, (_, n) =>
        draft("daemon.resumed", { reason: `${what} ${n}` }, { actor: "test" }),
      ),
    ),
  )
const make = (options?: { readonly adopt?: boolean }) => Checkpoints.use(({ make: run }) => run(options))
const due = (why: "sealed" | "time" | "stop") => Checkpoints.use(({ due: run }) => run(why))
const events = LogStore.use((store) =>
  store.read({}).pipe(
    Stream.runCollect,
    Effect.map((all) => [...all]),
  ),
)
const told = (all: ReadonlyArray<Event>) =>
  all.flatMap((event) => {
    switch (event.type) {
      case "log.checkpoint":
        return [`signed ${event.payload.size}`]
      case "log.anchored":
        return [`anchored ${event.payload.size}`]
      case "daemon.health":
        return [`${event.payload.component.split(" ")[0]} ${event.payload.state}`]
      default:
        return []
    }
  })
const story = Effect.map(events, told)
const audit = (anchors: Settings["anchors"] = []) =>
  Effect.gen(function* () {
    const key = yield* findSigningKey(yield* Keychain)
    const asked = yield* Anchoring.use(({ evidence }) => evidence(anchors))
    const publicKey = key?.publicKey.toString("base64") ?? null
    return yield* LogStore.use((store) => store.tree.audit({ publicKey, anchors: asked }))
  })

describe("checkpoints", () => {
  it.effect("are made when something happened, and never of their own accord", () =>
    Effect.gen(function* () {
      const place = { dir: yield* temporaryDir }
      yield* inPlace(place)(
        Effect.gen(function* () {
          assert.strictEqual((yield* Effect.flip(make())).reason, "empty")
          assert.isFalse(existsSync(join(place.dir, "keys")), "no key before there is something to sign")
          yield* happen("first", 5)
          const first = yield* make()
          assert.deepInclude(first.payload, { size: 5 })
          assert.strictEqual((yield* make()).seq, first.seq, "nothing new: the same one")
          for (const why of ["sealed", "time", "stop"] as const) yield* due(why)
          yield* TestClock.adjust("3 days")
          for (const why of ["sealed", "time", "stop"] as const) yield* due(why)
          assert.deepStrictEqual(yield* story, ["signed 5"], "an idle day signs nothing")

          yield* happen("second")
          yield* due("time")
          assert.deepStrictEqual(yield* story, ["signed 5", "signed 7"], "the last one is days old")
          yield* happen("third")
          yield* TestClock.adjust("59 minutes")
          yield* due("time")
          assert.lengthOf(yield* story, 2)
          yield* TestClock.adjust("1 minute")
          yield* due("time")
          yield* happen("fourth")
          yield* due("stop")
          yield* happen("fifth")
          yield* due("sealed")
          assert.deepStrictEqual(yield* story, ["signed 5", "signed 7", "signed 9", "signed 11", "signed 13"])
          assert.deepInclude(yield* audit(), { checkpoints: 5, newest: 13, failure: null })
        }),
      )
      // the next daemon goes on with the same key
      yield* inPlace(place)(
        Effect.gen(function* () {
          yield* happen("later")
          yield* make()
          const report = yield* audit()
          assert.deepInclude(report, { checkpoints: 6, failure: null })
          assert.lengthOf(report.keys, 1)
        }),
      )
    }),
  )

  it.effect("are signed once, however many ask at once", () =>
    Effect.gen(function* () {
      yield* inPlace({ dir: yield* temporaryDir })(
        Effect.gen(function* () {
          yield* happen("first", 5)
          yield* Effect.all([make(), make(), due("stop"), make()], { concurrency: "unbounded" })
          assert.deepStrictEqual(yield* story, ["signed 5"])
        }),
      )
    }),
  )

  it.effect("are not made for a log that another key signed, unless that was asked for", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      const theirs = { dir, keys: join(dir, "their keys") }
      yield* inPlace(theirs)(Effect.andThen(happen("theirs", 3), make()))
      const mine = { dir, keys: join(dir, "my keys") }
      // a key that was used for another log before
      const other = { dir: join(dir, "other"), keys: mine.keys }
      mkdirSync(other.dir)
      yield* inPlace(other)(Effect.andThen(happen("other", 3), make()))
      yield* inPlace(mine)(
        Effect.gen(function* () {
          yield* happen("mine", 3)
          const refused = yield* Effect.flip(make())
          assert.strictEqual(refused.reason, "foreign")
          assert.match(refused.message, /event 4 .*--adopt/)
          yield* due("sealed")
          yield* due("sealed")
          assert.deepStrictEqual(yield* story, ["signed 3", "checkpoints degraded"], "it is said once")
          assert.match((yield* audit()).failure!.message, /another key/)
          yield* make({ adopt: true })
          assert.isNull((yield* audit()).failure)
          yield* happen("more")
          yield* due("sealed")
          assert.deepStrictEqual((yield* story).slice(2), ["signed 8", "signed 10", "checkpoints running"])
        }),
      )
      // on a new machine, with a key that signed nothing before, a restored log is simply signed again
      yield* inPlace({ dir, keys: join(dir, "new keys") })(Effect.andThen(happen("restored"), make()))
    }),
  )

  it.effect("are not made over a past that is not the one that was signed", () =>
    Effect.gen(function* () {
      yield* inPlace({ dir: yield* temporaryDir })(
        Effect.gen(function* () {
          yield* happen("first", 5)
          const { payload } = yield* make()
          // as a log looks whose first events were exchanged under its checkpoint
          const other = { ...payload, size: 4, root: "00".repeat(32) }
          yield* LogStore.use((store) => store.append([draft("log.checkpoint", other, { actor: "test" })]))
          yield* happen("second")
          const refused = yield* Effect.flip(make())
          assert.strictEqual(refused.reason, "unfit")
          assert.match(refused.message, /the first 4 events are not those that event 7 signed/)
          yield* due("stop")
          assert.deepStrictEqual((yield* story).slice(2), ["checkpoints degraded"])
        }),
      )
    }),
  )

  it.effect("are not made while the key cannot be had, and the daemon goes on", () =>
    Effect.gen(function* () {
      const dir = yield* temporaryDir
      yield* inPlace({ dir })(Effect.andThen(happen("first", 3), make()))
      chmodSync(join(dir, "keys", signingKeyName), 0o644)
      yield* inPlace({ dir })(
        Effect.gen(function* () {
          yield* happen("second", 3)
          const refused = yield* Effect.flip(make())
          assert.strictEqual(refused.reason, "key")
          assert.match(refused.message, /chmod go=/)
          yield* due("stop")
          assert.deepStrictEqual(yield* story, ["signed 3", "checkpoints degraded"])
        }),
      )
      chmodSync(join(dir, "keys", signingKeyName), 0o600)
      writeFileSync(join(dir, "keys", signingKeyName), "no key at all")
      yield* inPlace({ dir })(
        Effect.gen(function* () {
          assert.match((yield* Effect.flip(make())).message, /cannot be read: put the right one back/)
        }),
      )
    }),
  )
})

describe("anchoring", () => {
  const files = Effect.map(temporaryDir, (dir) => {
    const [a, b] = [join(dir, "a"), join(dir, "missing", "b")]
    return { dir, a, b, place: { dir, anchors: [{ file: b }, { file: a }] } satisfies Place }
  })
  const sizesIn = (path: string) =>
    cutNotes(readFileSync(path, "utf8")).notes.map(({ text }) => Number(text.split("\n")[1]))

  it.effect("writes every checkpoint to every anchor; one that fails is said and tried again", () =>
    Effect.gen(function* () {
      const { a, b, dir, place } = yield* files
      yield* inPlace(place)(
        Effect.gen(function* () {
          yield* happen("first", 3)
          yield* make()
          yield* make()
          assert.deepStrictEqual(yield* story, ["signed 3", "anchor degraded", "anchored 3"])
          const [state] = yield* Anchoring.use(({ states }) => states)
          assert.deepInclude(state!, { to: `file:${b}`, size: null })
          assert.match(state!.problem!, /ENOENT/)
          yield* due("sealed")
          assert.lengthOf(yield* story, 3, "what was said of an anchor is no reason to sign")
          yield* happen("second")
          yield* make()
          assert.deepStrictEqual((yield* story).slice(3), ["signed 7", "anchored 7"], "said once")
          mkdirSync(join(dir, "missing"))
          yield* happen("third")
          yield* make()
          assert.deepStrictEqual((yield* story).slice(5), [
            "signed 10",
            "anchored 10",
            "anchor running",
            "anchored 10",
          ])
          assert.deepStrictEqual([sizesIn(a), sizesIn(b)], [[3, 7, 10], [10]])
          const report = yield* audit()
          assert.isNull(report.failure)
          assert.deepStrictEqual(
            report.anchors.map(({ checkpoints, newest }) => [checkpoints, newest]),
            [
              [1, 10],
              [3, 10],
            ],
          )
        }),
      )
    }),
  )

  it.effect("says after a crash what was written before it, and writes nothing twice", () =>
    Effect.gen(function* () {
      const { a, dir } = yield* files
      yield* inPlace({ dir })(Effect.andThen(happen("first", 3), make()))
      const note = yield* inPlace({ dir })(Effect.map(make(), ({ payload }) => payload.note))
      // as if the daemon had died between the anchor and the log
      appendFileSync(a, note)
      yield* inPlace({ dir, anchors: [{ file: a }] })(
        Effect.gen(function* () {
          yield* make()
          yield* make()
          assert.deepStrictEqual(yield* story, ["signed 3", "anchored 3"])
          assert.deepStrictEqual(sizesIn(a), [3])
        }),
      )
    }),
  )

  it.effect("writes nothing to an anchor that knows another past, and says which", () =>
    Effect.gen(function* () {
      const { a, dir } = yield* files
      const anchors = [{ file: a }]
      yield* inPlace({ dir, anchors })(Effect.andThen(happen("first", 30), make()))
      const before = readFileSync(a, "utf8")
      rmSync(join(dir, "log"), { recursive: true })
      yield* inPlace({ dir, anchors })(
        Effect.gen(function* () {
          yield* happen("written anew", 40)
          yield* make()
          const [state] = yield* Anchoring.use(({ states }) => states)
          assert.match(state!.problem!, /checkpoints of another log/)
          assert.deepStrictEqual(yield* story, ["signed 40", "anchor degraded"])
          const { failure } = yield* audit()
          assert.strictEqual(failure?.seq, 1)
        }),
      )
      assert.strictEqual(readFileSync(a, "utf8"), before)
    }),
  )
})
