/** The commands of the model-based test: each does one thing to the trivial model and to a real log, and compares. */
import { deepStrictEqual, ok, strictEqual } from "node:assert"
import { isDeepStrictEqual } from "node:util"
import fc from "fast-check"
import { Effect, Fiber, Result, Stream } from "effect"
import type { LogStore, Projection, Query } from "../../log-store/LogStore.ts"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"
import type { Model } from "./Model.ts"
import type { Kind, RealLog } from "./RealLog.ts"

type Store = LogStore["Service"]
export type Command = fc.AsyncCommand<Model, RealLog>

/** A command shows itself in a counterexample as its text, and what it meant with it once it ran. */
const command = (
  text: string,
  run: (model: Model, real: RealLog, note: (more: string) => void) => Promise<void>,
  check: (model: Readonly<Model>) => boolean = () => true,
): Command => {
  let more = ""
  return {
    check,
    run: (model, real) => {
      more = ""
      return run(model, real, (said) => {
        more = ` -> ${said}`
      })
    },
    toString: () => text + more,
  }
}

interface Wish {
  readonly size: "small" | "unicode" | "large" | "the same large"
  readonly type: "daemon.stopped" | "daemon.paused"
  readonly workspace: string | null
  readonly correlationId: string | null
  readonly caused: boolean
  readonly blob: "none" | "own" | "the same"
  readonly n: number
}
const texts = (n: number): Record<Wish["size"], string> => ({
  small: `note ${n}`,
  unicode: `ünï \u2028 😀 "${n}" \\ \u0007`,
  large: `${"long ".repeat(900)}${n}`,
  "the same large": "alike ".repeat(800),
})
const wish: fc.Arbitrary<Wish> = fc.record({
  size: fc.oneof(
    { weight: 6, arbitrary: fc.constant("small" as const) },
    { weight: 2, arbitrary: fc.constant("unicode" as const) },
    { weight: 1, arbitrary: fc.constantFrom("large" as const, "the same large" as const) },
  ),
  type: fc.constantFrom("daemon.stopped" as const, "daemon.paused" as const),
  workspace: fc.constantFrom(null, "/home/dev/a", "/home/dev/b"),
  correlationId: fc.constantFrom(null, "k1", "k2"),
  caused: fc.boolean(),
  blob: fc.oneof(
    { weight: 6, arbitrary: fc.constant("none" as const) },
    { weight: 1, arbitrary: fc.constantFrom("own" as const, "the same" as const) },
  ),
  n: fc.nat(999),
})
const causes = ["0198a000-0000-7000-8000-000000000001", "0198a000-0000-7000-8000-000000000002"]
const draftOf = (of: Wish): EventDraft => {
  const text = texts(of.n)[of.size]
  const header = {
    actor: "test",
    workspace: of.workspace,
    correlationId: of.correlationId,
    causationId: of.caused ? causes[of.n % 2]! : null,
    ...(of.blob === "none" ? {} : { blobs: [Buffer.from(of.blob === "own" ? `blob ${of.n}` : "one blob")] }),
  }
  return of.type === "daemon.stopped"
    ? draft("daemon.stopped", { reason: text }, header)
    : draft("daemon.paused", { until: null, reason: text } as never, header)
}
const shown = (wishes: ReadonlyArray<Wish>): string =>
  wishes
    .map(({ size, correlationId, blob }) =>
      [size, correlationId, blob === "none" ? null : `${blob} blob`].filter(Boolean).join(" "),
    )
    .join(", ")

/** New events continue the log, at the model's time, and are what was asked for. */
const checkNew = (model: Model, drafts: ReadonlyArray<EventDraft>, events: ReadonlyArray<Event>): void => {
  strictEqual(events.length, drafts.length)
  let before = model.kept.at(-1)?.event
  for (const [n, event] of events.entries()) {
    const { type, actor, workspace, correlationId, causationId, payload } = drafts[n]!
    strictEqual(event.seq, model.head + n + 1)
    strictEqual(event.at, new Date(model.now).toISOString())
    if (before !== undefined) {
      ok(event.id > before.id, "ids grow")
      strictEqual(event.prevHash, before.hash)
    }
    deepStrictEqual(
      [event.type, event.actor, event.workspace, event.correlationId, event.causationId, event.payload],
      [type, actor, workspace, correlationId, causationId, payload],
    )
    before = event
  }
}

const append = (wishes: ReadonlyArray<Wish>): Command =>
  command(`append(${shown(wishes)})`, async (model, real, note) => {
    const drafts = wishes.map(draftOf)
    const events = await real.run((log) => log.append(drafts))
    checkNew(model, drafts, events)
    model.appended(drafts, events)
    note(`head ${model.head}`)
  })

const appendTogether = (batches: ReadonlyArray<ReadonlyArray<Wish>>): Command =>
  command(`appendTogether(${batches.map(shown).join(" | ")})`, async (model, real, note) => {
    const drafts = batches.map((wishes) => wishes.map(draftOf))
    const answers = await real.run((log) =>
      Effect.forEach(drafts, (batch) => log.append(batch), { concurrency: "unbounded" }),
    )
    for (const [n, events] of answers.entries()) {
      checkNew(model, drafts[n]!, events)
      model.appended(drafts[n]!, events)
    }
    note(`head ${model.head}`)
  })

/** Two that decided on the same thing: one wins. `stale`: neither knows of the last event of the correlation. */
const race = (key: string, stale: boolean, of: Wish): Command =>
  command(`race(${key}${stale ? ", stale" : ""})`, async (model, real, note) => {
    const last = model.lastOf(key)
    const isStale = stale && last > 0
    const lastSeq = isStale ? last - 1 : last
    const drafts = [draftOf({ ...of, correlationId: key })]
    const answers = await real.run((log) =>
      Effect.forEach(
        [1, 2],
        () => Effect.result(log.append(drafts, { expect: { correlationId: key, lastSeq } })),
        { concurrency: "unbounded" },
      ),
    )
    const won = answers.filter(Result.isSuccess)
    strictEqual(won.length, isStale ? 0 : 1)
    for (const answer of answers)
      if (Result.isFailure(answer)) strictEqual(answer.failure.reason._tag, "Conflict")
    if (isStale) return note("refused")
    checkNew(model, drafts, won[0]!.success)
    model.appended(drafts, won[0]!.success)
    note(`head ${model.head}`)
  })

const compare = (model: Model, found: ReadonlyArray<Event>, expected: ReadonlyArray<number>): void => {
  deepStrictEqual(
    found.map(({ seq }) => seq),
    expected,
  )
  for (const event of found) deepStrictEqual({ ...event }, model.event(event.seq))
}
const all = (log: Store, query: Query) =>
  Effect.map(Stream.runCollect(log.read(query)), (events) => [...events])

interface Asked extends Omit<Query, "from" | "to" | "since" | "until"> {
  readonly fromShare?: number
  readonly toShare?: number
  readonly sinceShare?: number
  readonly untilShare?: number
}
const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20)
const asked: fc.Arbitrary<Asked> = fc.record(
  {
    fromShare: share,
    toShare: share,
    sinceShare: share,
    untilShare: share,
    types: fc.constantFrom(["daemon.stopped"], ["daemon.*"], ["log.*", "daemon.paused"], ["none.such"]),
    workspace: fc.constantFrom("/home/dev/a", "/home/dev/c"),
    correlationId: fc.constantFrom("k1", "k3"),
    causationId: fc.constantFrom(...causes),
    grep: fc.constantFrom("NOTE 1", "alike", "\u00fcn\u00ef", "😀", "7"),
    limit: fc.integer({ min: 1, max: 5 }),
    reverse: fc.boolean(),
  },
  { requiredKeys: [] },
)
const timeAt = (model: Model, of: number): number => {
  const event = model.kept[Math.max(model.at(of) - 1, 0)]?.event
  return event === undefined ? model.now : Date.parse(event.at)
}
const queryOf = (model: Model, { fromShare, toShare, sinceShare, untilShare, ...rest }: Asked): Query => ({
  ...rest,
  ...(fromShare === undefined ? {} : { from: model.at(fromShare) }),
  ...(toShare === undefined ? {} : { to: model.at(toShare) }),
  ...(sinceShare === undefined ? {} : { since: timeAt(model, sinceShare) }),
  ...(untilShare === undefined ? {} : { until: timeAt(model, untilShare) }),
})
const read = (of: Asked): Command =>
  command(`read(${JSON.stringify(of)})`, async (model, real, note) => {
    const query = queryOf(model, of)
    note(JSON.stringify(query))
    compare(model, await real.run((log) => all(log, query)), model.find(query))
  })

const get = (of: number): Command =>
  command(`get(${of})`, async (model, real, note) => {
    const seq = model.at(of)
    note(String(seq))
    const found = await real.run((log) => log.get(seq))
    if (seq === 0) return strictEqual(found, null)
    deepStrictEqual({ ...found! }, model.event(seq))
    const byId = await real.run((log) => log.getById(found!.id))
    deepStrictEqual({ ...byId! }, model.event(seq))
  })

/** A tail from somewhere, while something is appended. */
const tail = (of: number, wishes: ReadonlyArray<Wish>): Command =>
  command(`tail(${of}; ${shown(wishes)})`, async (model, real, note) => {
    const from = Math.max(model.at(of), 1)
    const drafts = wishes.map(draftOf)
    const last = model.head + drafts.length
    // Read before the append or after it: with its content, others may have theirs back.
    const before = Array.from({ length: model.head }, (_, n) => model.event(n + 1))
    const { seen, events } = await real.run((log) =>
      Effect.gen(function* () {
        const following = yield* log.tail(from).pipe(
          Stream.takeUntil(({ seq }) => seq >= last),
          Stream.runCollect,
          Effect.forkChild({ startImmediately: true }),
        )
        const stored = yield* log.append(drafts)
        return { seen: [...(yield* Fiber.join(following))], events: stored }
      }),
    )
    checkNew(model, drafts, events)
    model.appended(drafts, events)
    note(`from ${from} to ${last}`)
    compare(
      model,
      seen.map((event) =>
        isDeepStrictEqual({ ...event }, before[event.seq - 1]) ? (model.event(event.seq) as Event) : event,
      ),
      Array.from({ length: last - from + 1 }, (_, n) => from + n),
    )
  })

const counted: Projection<{ readonly count: number }> = {
  name: "model",
  version: 1,
  initial: { count: 0 },
  evolve: ({ count }) => ({ count: count + 1 }),
}
const checkpoint = (of: number): Command =>
  command(`checkpoint(${of})`, async (model, real, note) => {
    const seq = model.at(of)
    await real.run((log) => log.saveCheckpoint(counted, seq, { count: seq * 3 }))
    note(String(seq))
    if (seq > 0) model.checkpoint = seq === model.head ? seq : null
  })
/** One of an earlier moment may have been dropped with an erasure; the one of the last moment is there. */
const resume = command("resume()", async (model, real) => {
  const { seq, state } = await real.run((log) => log.loadCheckpoint(counted))
  deepStrictEqual(state, { count: seq * 3 })
  ok(seq <= model.head)
  if (model.checkpoint !== null) strictEqual(seq, model.checkpoint)
})

const erase = (shares: ReadonlyArray<number>): Command =>
  command(`erase(${shares.join()})`, async (model, real, note) => {
    const wanted = shares.map((of) => model.at(of))
    const due = model.erasable(wanted)
    note(due.join())
    const event = await real.run((log) => log.erase(wanted, "model", "user:cli"))
    const drafts = [draft("log.erased", { seqs: due, reason: "model" }, { actor: "user:cli" })]
    checkNew(model, drafts, [event])
    model.appended(drafts, [event])
    model.erase(due)
    model.checkpoint = null
  })

const verify = (of: number): Command =>
  command(`verify(${of})`, async (model, real) => {
    const from = Math.max(model.at(of), 1)
    const report = await real.run((log) => log.verify({ from }))
    deepStrictEqual([report.failure, report.events], [null, Math.max(model.head - from + 1, 0)])
  })

const everything = async (model: Model, real: RealLog): Promise<void> => {
  compare(
    model,
    await real.run((log) => all(log, {})),
    Array.from({ length: model.head }, (_, n) => n + 1),
  )
  const report = await real.run((log) => log.verify())
  deepStrictEqual([report.failure, report.events], [null, model.head])
}
const reopen = command("reopen()", async (model, real) => {
  await real.reopen()
  await everything(model, real)
})
const audit = command("audit()", async (_, real) => strictEqual(await real.audit(), null))
const move = command("move()", async (model, real) => {
  await real.move()
  model.copied()
  await everything(model, real)
})
const seal = (size: number): Command =>
  command(`seal(${size})`, async (model, real) => {
    strictEqual(await real.seal(size), model.head)
  })
/** Sealed first, so that an emptied file costs nothing. */
const recover = (emptied: boolean): Command =>
  command(
    `recover(${emptied ? "emptied" : ""})`,
    async (model, real) => {
      await real.seal(7)
      const said = await real.recover(emptied)
      deepStrictEqual([said.events, said.lost], [model.head, 0])
      const event = await real.run((log) => log.get(model.head + 1))
      const drafts = [draft("log.recovered", said, { actor: "log" })]
      checkNew(model, drafts, [event!])
      model.appended(drafts, [event!])
      model.recovered(await real.run((log) => all(log, {})))
      model.checkpoint = null
      await everything(model, real)
    },
    // What others lost with an erased content cannot be told from damage.
    (model) => model.sharers === 0,
  )
const jump = (ms: number): Command =>
  command(`jump(${ms} ms)`, async (model) => {
    model.now = Math.max(model.now + ms, 0)
  })

/** What may happen to a log of this kind, each with its weight. */
export const commandsFor = (kind: Kind): ReadonlyArray<fc.WeightedArbitrary<Command>> => {
  const wishes = (maxLength: number) => fc.array(wish, { minLength: 1, maxLength })
  const onDisk: ReadonlyArray<fc.WeightedArbitrary<Command>> = [
    { weight: 2, arbitrary: fc.integer({ min: 2, max: 9 }).map(seal) },
    { weight: 1, arbitrary: fc.boolean().map(recover) },
    { weight: 1, arbitrary: fc.constant(audit) },
  ]
  return [
    { weight: 12, arbitrary: wishes(5).map(append) },
    { weight: 2, arbitrary: wishes(120).map(append) },
    { weight: 4, arbitrary: fc.array(wishes(3), { minLength: 2, maxLength: 6 }).map(appendTogether) },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom("k1", "k2"), fc.boolean(), wish).map((args) => race(...args)),
    },
    { weight: 12, arbitrary: asked.map(read) },
    { weight: 4, arbitrary: share.map(get) },
    { weight: 4, arbitrary: fc.tuple(share, wishes(3)).map((args) => tail(...args)) },
    { weight: 3, arbitrary: share.map(checkpoint) },
    { weight: 3, arbitrary: fc.constant(resume) },
    { weight: 4, arbitrary: fc.array(share, { minLength: 1, maxLength: 4 }).map(erase) },
    { weight: 3, arbitrary: share.map(verify) },
    { weight: 2, arbitrary: fc.constant(reopen) },
    { weight: 1, arbitrary: fc.constant(move) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(1, 1000, 86_400_000, -1000, -31_536_000_000, 31_536_000_000).map(jump),
    },
    ...(kind === "lmdb" ? onDisk : []),
  ]
}
