/**
 * Looks at what a process left behind as the next start of the daemon does, and holds it against what that process was
 * told: everything acknowledged is there once and in its place, every append whole or absent, the chain and the
 * segments verify, what was erased stays so, checkpoints are right, and the log goes on. Answers each broken promise.
 */
import { existsSync } from "node:fs"
import { join } from "node:path"
import { Effect, Logger, Stream } from "effect"
import { BackupError, checkBackup } from "../../log-store/backup.ts"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { Damaged, LogError, LogStore } from "../../log-store/LogStore.ts"
import { exportJsonl, importJsonl } from "../../log-store/transfer.ts"
import { verifiedLog } from "../log-store/verifiedLog.ts"
import { prepareLogBy } from "../../src/daemon/prepareLog.ts"
import { draft, type Event } from "../../src/domain/event.ts"
import { counter, type Told } from "./told.ts"

type Store = LogStore["Service"]
const mapSize = 2 ** 30

/** What the verifying child would say, without the child: a killed process leaves no page that could harm us. */
export const verifyHere = (dir: string, mode: "quick" | "full") =>
  Effect.promise(() => verifiedLog(dir, mode))

const probeHere = (dir: string) =>
  Effect.flatMap(verifyHere(dir, "quick"), ({ failure }) =>
    failure === null
      ? Effect.void
      : Effect.fail(new LogError({ reason: new Damaged({ seq: failure.seq, message: failure.message }) })),
  )

/** As the daemon prepares and opens it. Answers whether it had to be recovered. */
const settle = <A>(dir: string, body: (store: Store, recovered: boolean) => Effect.Effect<A, LogError>) =>
  Effect.gen(function* () {
    const said = yield* prepareLogBy(probeHere, dir)
    return yield* LogStore.use((store) => body(store, said !== null)).pipe(
      Effect.provide(LmdbLogStore.layer({ dir, mapSize })),
    )
  }).pipe(Effect.provide(Logger.layer([])))

/** Every append is there whole, in one piece, or not at all. What was erased says nothing of itself and is counted. */
const torn = (events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const groups: Array<{ readonly name: string; readonly events: Array<Event> }> = []
  for (const event of events) {
    if (event.type !== "daemon.health") continue
    const name: string = event.correlationId!
    const last = groups.at(-1)
    if (last?.name === name && last.events.at(-1)!.seq === event.seq - 1) last.events.push(event)
    else groups.push({ name, events: [event] })
  }
  const twice = groups.length - new Set(groups.map(({ name }) => name)).size
  return [
    ...(twice === 0 ? [] : [`${twice} appends are there in several pieces`]),
    ...groups.flatMap(({ name, events: pieces }) =>
      pieces.flatMap((event, n) => {
        const token =
          event.payload === null ? null : (event.payload as { readonly component: string }).component
        return token === null || token === `${name} ${n}/${pieces.length}`
          ? []
          : [`event ${event.seq} is ${token} and number ${n} of the ${pieces.length} that are there`]
      }),
    ),
  ]
}

const held = (told: ReadonlyArray<Told>, events: ReadonlyArray<Event>): ReadonlyArray<string> => {
  const broken: Array<string> = []
  for (const [n, event] of events.entries())
    if (event.seq !== n + 1) broken.push(`event ${event.seq} is number ${n + 1}`)
  const heldLine = (line: Told): void => {
    if (line._tag === "appended")
      for (const { seq, id, hash, token } of line.events) {
        const event = events[seq - 1]
        if (event?.id !== id || event.hash !== hash)
          broken.push(`acknowledged ${token} (event ${seq}) is lost`)
        else if (
          event.payload !== null &&
          (event.payload as { readonly component: string }).component !== token
        )
          broken.push(`event ${seq} says another thing than ${token}`)
      }
    if (line._tag === "erased")
      for (const seq of line.seqs)
        if (events[seq - 1]?.payload !== null) broken.push(`the erased payload of event ${seq} is back`)
    if (line._tag === "archived")
      for (const seq of line.seqs)
        if (events[seq - 1]?.payload === null)
          broken.push(`the archived payload of event ${seq} cannot be read`)
  }
  for (const line of told) heldLine(line)
  // What the log says of its erasures holds, acknowledged or not.
  for (const event of events)
    if (event.type === "log.erased" && event.payload !== null)
      for (const seq of event.payload.seqs)
        if (events[seq - 1]?.payload !== null) broken.push(`event ${event.seq} says that ${seq} is erased`)
  if (new Set(events.map(({ id }) => id)).size !== events.length) broken.push("an id is there twice")
  return broken
}

const isNoBackup = (error: unknown): boolean => {
  if (error instanceof BackupError) return false
  throw error
}

/** What is broken in `base` after a process of the story was told these lines. */
export const storyCheck = Effect.fnUntraced(function* (
  base: string,
  told: ReadonlyArray<Told>,
  { importing }: { readonly importing: boolean } = { importing: true },
) {
  const dir = join(base, "log")
  const broken: Array<string> = []
  const recovered = yield* settle(dir, (store, wasRecovered) =>
    Effect.gen(function* () {
      const events = [...(yield* store.read({}).pipe(Stream.runCollect))]
      broken.push(...held(told, events), ...torn(events))
      const { seq, state } = yield* store.loadCheckpoint(counter)
      const again = events.slice(0, seq).reduce(counter.evolve, counter.initial)
      if (JSON.stringify(again) !== JSON.stringify(state))
        broken.push(`the checkpoint at ${seq} is not what the events give`)
      yield* store.append([draft("daemon.stopped", { reason: "after" }, { actor: "test" })])
      if (!importing) return wasRecovered
      // An import that was cut off is completed by doing it again.
      const head = yield* importJsonl({ dir: join(base, "imported"), mapSize }, exportJsonl(store)).pipe(
        Effect.catch((error) =>
          Effect.as(
            Effect.sync(() => broken.push(`import again: ${error.message}`)),
            null,
          ),
        ),
      )
      if (head !== null && head.hash !== (yield* store.head).hash) broken.push("the import has another head")
      return wasRecovered
    }),
  ).pipe(
    Effect.catch((error) =>
      Effect.as(
        Effect.sync(() => broken.push(`it does not open: ${error.message}`)),
        false,
      ),
    ),
  )
  const copy = join(base, "backup")
  const isBackup =
    existsSync(copy) && (yield* Effect.promise(() => checkBackup(copy).then(() => true, isNoBackup)))
  const wasRestored = told.some(({ _tag }) => _tag === "restored")
  if (wasRestored && !isBackup) broken.push("the backup is none")
  for (const [place, is] of [
    [dir, true],
    [join(base, "imported"), true],
    [copy, isBackup],
    [join(base, "restored"), wasRestored],
  ] as const) {
    if (!is || !existsSync(place)) continue
    const { ok, failure } = yield* verifyHere(place, "full")
    // An export does not carry the archives.
    const isIncomplete =
      place.endsWith("imported") && /^the archive .* is missing$/.test(failure?.message ?? "")
    if (!ok && !isIncomplete)
      broken.push(
        `${place.slice(base.length + 1)} does not verify: event ${failure!.seq}: ${failure!.message}`,
      )
  }
  return { broken, recovered }
})
