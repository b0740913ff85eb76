/** Calls that look: handshake, status, log, queue, detail, causal chain, verification. They change nothing. */
import { Array as Arr, Clock, Effect, Result, Schedule, Stream, SubscriptionRef } from "effect"
import { LogStore, type Query } from "../../../log-store/LogStore.ts"
import { queryMatcher } from "../../../log-store/queryMatcher.ts"
import type { PlanShown } from "../../domain/planned.ts"
import type { QueueRow } from "../../domain/queue.ts"
import { taintedBy } from "../../domain/taint.ts"
import { taintOrigins } from "../../domain/taintOrigins.ts"
import { Folds } from "../../loop/Folds.ts"
import { latest } from "../../loop/latest.ts"
import { Planner } from "../../loop/Planner.ts"
import { why } from "../../loop/why.ts"
import { BadInput, NeedsPerson, NoSuch, protocol, ReadRpcs, Unavailable } from "../../rpc/ClawRpcs.ts"
import type { PlannedCall } from "../../rpc/shapes.ts"
import { eventRecord } from "../eventRecord.ts"
import { Identity } from "../Identity.ts"
import { Moments } from "../Moments.ts"
import { Reporter } from "../Reporter.ts"
import { storeQuery } from "./logQuery.ts"
import { verifying, type VerifyingOptions, wholeLog } from "./verifying.ts"
import { Token } from "../Token.ts"
import { inOrder, isVisible, withEnded } from "../statusOf.ts"
import { costOf, silenceOf, whySteps } from "../whySteps.ts"

/** Events in one message of a streamed log. */
const chunk = 512

export const readHandlers = (options: { readonly home: string } & VerifyingOptions) =>
  ReadRpcs.toLayer(
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const planner = yield* Planner
      const reporter = yield* Reporter
      const identity = yield* Identity
      const moments = yield* Moments
      const token = yield* Token

      const rows = Effect.fnUntraced(function* (all: boolean) {
        const { queue } = yield* SubscriptionRef.get(folds.snapshot)
        const now = yield* Clock.currentTimeMillis
        return Object.values(queue.suggestions)
          .filter((row) => all || isVisible(row, now))
          .sort(inOrder)
      })

      const planned = Effect.fnUntraced(function* (row: QueueRow, index: number) {
        const call = row.proposed[index]!
        const { bound, plan, verdict } = yield* planner.action(row, index, { unsandboxed: true })
        const seen: PlanShown = bound?.shown ?? {
          summary: call.tool,
          preview: null,
          sandbox: "not-needed",
          commands: [],
          reads: [],
          undoable: false,
          undoReason: null,
        }
        return {
          call,
          verdict,
          ...seen,
          digest: bound?.binding.digest ?? null,
          problem: Result.isFailure(plan) ? plan.failure.message : null,
        } satisfies PlannedCall
      })

      const past = (query: Query) =>
        store.read(query).pipe(Stream.map(eventRecord), Stream.groupedWithin(chunk, "20 millis"))
      // live events go out as the log publishes them: a client hears of one as soon as it is durable
      const live = Effect.fnUntraced(function* (query: Query, from: number) {
        const matches = queryMatcher(query)
        const { cause } = query
        // what belongs to a cause shows only in what came before
        if (cause !== undefined)
          yield* store
            .read({ cause, to: from - 1 })
            .pipe(Stream.runForEach((event) => Effect.sync(() => void matches(event))))
        return store
          .tail(from)
          .pipe(
            Stream.filter(matches),
            Stream.map(eventRecord),
            Stream.chunks,
            Stream.map(Arr.chunksOf(chunk)),
            Stream.flattenIterable,
          )
      })
      const log = (query: Query, follow: boolean) => {
        const events = follow
          ? Stream.unwrap(
              Effect.map(store.head, ({ seq }) =>
                Stream.concat(
                  past({ ...query, to: Math.min(query.to ?? seq, seq) }),
                  Stream.unwrap(live(query, seq + 1)),
                ),
              ),
            )
          : past(query)
        return Stream.mapError(events, (error) => new Unavailable({ message: error.message }))
      }

      return ReadRpcs.of({
        Hello: (hello, { client }) => {
          if (hello.protocol !== protocol) {
            return Effect.fail(
              new BadInput({
                message: `this client speaks protocol ${hello.protocol} (claw ${hello.version}), the daemon ${protocol} (claw ${identity.version}): run claw restart`,
              }),
            )
          }
          if (!token.isSecret(hello.token ?? "")) {
            return Effect.fail(
              new NeedsPerson({ message: "this is not this user's own client (wrong token)" }),
            )
          }
          const session = token.open(client.id)
          return Effect.succeed({ version: identity.version, protocol, pid: identity.pid, session })
        },
        Status: () => reporter.status,
        StatusChanges: () =>
          latest(folds.snapshot).pipe(
            Stream.throttle({ cost: () => 1, units: 1, duration: "100 millis", strategy: "shape" }),
            Stream.mapEffect(() => reporter.status),
          ),
        Log: ({ query, follow }) =>
          Stream.unwrap(Effect.map(storeQuery(store, query), (known) => log(known, follow))),
        Queue: ({ all }) => rows(all),
        QueueChanges: () =>
          latest(folds.snapshot).pipe(
            Stream.map(({ queue }) => queue.suggestions),
            // the fold makes a new one only where a suggestion changed
            Stream.changesWith((before, after) => before === after),
            // visibility also changes with the clock alone
            Stream.merge(Stream.fromSchedule(Schedule.spaced("30 seconds"))),
            Stream.mapEffect(() => rows(false)),
          ),
        Show: Effect.fnUntraced(function* ({ id }) {
          const { queue } = yield* SubscriptionRef.get(folds.snapshot)
          const suggestion = queue.suggestions[id]
          if (suggestion === undefined) return yield* new NoSuch({ what: "suggestion", id })
          const plans = yield* Effect.forEach(suggestion.proposed, (_, index) => planned(suggestion, index))
          return { v: 1 as const, suggestion, plans }
        }),
        Todos: () => Effect.map(SubscriptionRef.get(folds.snapshot), ({ todos }) => Object.values(todos)),
        Why: Effect.fnUntraced(function* ({ id }) {
          const { taint } = yield* SubscriptionRef.get(folds.snapshot)
          const steps = yield* why(store, id, (session) => taintedBy(taint, session)).pipe(Effect.orDie)
          if (steps === null) return yield* new NoSuch({ what: "suggestion, action or event", id })
          return {
            v: 1 as const,
            id,
            steps: whySteps(steps),
            silence: silenceOf(steps),
            taint: taintOrigins(steps.map(({ event }) => event)),
            cost: costOf(steps),
          }
        }),
        Moment: ({ point, ended }) =>
          moments.at(point).pipe(
            Effect.map((moment) =>
              ended === undefined ? moment : { ...moment, queue: withEnded(moment.queue, ended) },
            ),
            Effect.mapError((error) => new Unavailable({ message: error.message })),
          ),
        Verify: () => wholeLog(store, options),
        Verifying: () => verifying(store, options),
      })
    }),
  )
