/**
 * `--at`: a look at the log as it was, through the daemon or, where none runs, read-only in this process.
 * Invariant: a point outside the log is answered by its nearest end, and that is said on stderr.
 */
import { Clock, Console, Effect, Option, type Scope, Stream } from "effect"
import { Flag } from "effect/cli"
import { existsSync } from "node:fs"
import type { EventRecord } from "../domain/event.ts"
import type { LogQuery } from "../rpc/ClawRpcs.ts"
import type { Moment, Point } from "../rpc/shapes.ts"
import { parsePoint } from "./durations.ts"
import { orExit, toExit } from "./errors.ts"
import { type Exit, fail, notRunning, usage } from "./Exit.ts"
import { Invocation } from "./Invocation.ts"
import { clock, type Paint } from "./output.ts"
import { Session } from "./Session.ts"

export const atFlag = Flag.String("at").pipe(
  Flag.withMetavar("SEQ|TIME"),
  Flag.withDescription("as it was then: a seq, 2h ago, 14:05, 2026-11-20 14:05, an ISO time"),
  Flag.optional,
)

export interface Past {
  readonly moment: Moment
  /** Events as far as they were there then. */
  readonly log: (query: LogQuery) => Stream.Stream<ReadonlyArray<EventRecord>, Exit>
}

const ends = (point: Point, { at, head, seq }: Moment, nowMs: number): string | null => {
  const newest = at === null ? "and the log is empty" : `this is how it is at the newest, ${head}`
  if ("seq" in point && point.seq > head) return `there is no event ${point.seq} yet: ${newest}`
  if ("atMs" in point && point.atMs > nowMs) return `that is still to come: ${newest}`
  return seq === 0 ? "that is before the first event: nothing was known" : null
}

const source = Effect.gen(function* () {
  const session = yield* Session
  if (yield* session.isRunning) {
    const client = yield* session.attach
    return {
      moment: (point: Point) => orExit(client.Moment({ point })),
      log: (query: LogQuery) => Stream.mapError(client.Log({ query, follow: false }), toExit),
    }
  }
  const { directories, entry } = yield* Invocation
  if (!existsSync(directories.log)) return yield* notRunning
  const { pastOffline } = yield* Effect.promise(() => import("../daemon/pastOffline.ts"))
  const offline = yield* Effect.mapError(pastOffline(entry, directories.log), (error) => fail(error.message))
  const exit = (error: { readonly _tag: string; readonly message: string }) =>
    error._tag === "LogError" ? fail(error.message) : toExit(error)
  return {
    moment: (point: Point) => Effect.mapError(offline.moment(point), exit),
    log: (query: LogQuery) => Stream.mapError(offline.log(query), exit),
  }
})

const openPast = (text: string): Effect.Effect<Past, Exit, Session | Invocation | Scope.Scope> =>
  Effect.gen(function* () {
    const nowMs = yield* Clock.currentTimeMillis
    const point = parsePoint(text, nowMs)
    if (point === null)
      return yield* usage(
        `--at ${JSON.stringify(text)}: give a seq, a time such as 2026-11-20 14:05, or a duration such as 1h`,
      )
    const { log, moment } = yield* source
    const found = yield* moment(point)
    const said = ends(point, found, nowMs)
    if (said !== null) yield* Console.error(`claw: ${said}`)
    const { seq } = found
    return {
      moment: found,
      // a query that ends before the first event would mean one without an end
      log: (query) => (seq === 0 ? Stream.empty : log({ ...query, to: Math.min(query.to ?? seq, seq) })),
    }
  })

/** The past where `--at` asks for it, else null. */
export const pastOf = (text: Option.Option<string>) =>
  Option.isNone(text) ? Effect.succeed(null) : openPast(text.value)

/** Above what is shown of a past moment to people. */
export const asOf = ({ at, seq }: Moment, colour: Paint, nowMs: number): string =>
  colour("dim", at === null ? "before the first event" : `as of event ${seq}, ${clock(at, nowMs)}`)
