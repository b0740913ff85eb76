/**
 * Whether the credentials that background work rests on hold, said before they do not: as `daemon.health` in the log and
 * the status, and to the doctor.
 * Invariants: a state is said once for each change; asks no server and no model; what nobody uses is no trouble.
 */
import { Context, Effect, Layer, Schedule, Semaphore, Stream, SubscriptionRef } from "effect"
import { draft } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"
import { type CredentialOwner, Credentials } from "../model/credentials/Credentials.ts"
import type { AuthView } from "../rpc/auth.ts"
import type { Check } from "../rpc/shapes.ts"
import { Configs } from "./Configs.ts"
import { componentOf, credentialChecks, ownerIn, viewOf, viewsOf } from "./credentialChecks.ts"

const lookEvery = "10 minutes"

export class CredentialWatch extends Context.Service<
  CredentialWatch,
  {
    /** A provider of the user's settings; null: nobody named it. */
    readonly owner: (provider: string) => Effect.Effect<CredentialOwner | null>
    readonly view: (owner: CredentialOwner) => Effect.Effect<AuthView>
    /** Of all providers that are used or have one. */
    readonly views: Effect.Effect<ReadonlyArray<AuthView>>
    readonly checks: Effect.Effect<ReadonlyArray<Check>>
    /** Looks now, and says what changed. */
    readonly look: Effect.Effect<void>
    /** Looks whenever the settings change, and now and then. */
    readonly run: Effect.Effect<never>
  }
>()("claw/daemon/CredentialWatch") {
  static readonly layer = Layer.effect(
    CredentialWatch,
    Effect.gen(function* () {
      const credentials = yield* Credentials
      const configs = yield* Configs
      const folds = yield* Folds
      const appender = yield* Appender

      const settings = configs.settingsFor(null)
      const owner = Effect.fn("CredentialWatch.owner")(function* (provider: string) {
        return ownerIn((yield* settings).models, provider)
      })
      const view = Effect.fn("CredentialWatch.view")(function* (of: CredentialOwner) {
        return yield* viewOf(credentials, yield* settings, of)
      })
      const views = Effect.flatMap(settings, (own) => viewsOf(credentials, own))
      const concerned = Effect.map(views, (all) => all.filter(({ used }) => used))
      const checks = Effect.map(views, credentialChecks)

      const look = Effect.gen(function* () {
        const { control } = yield* SubscriptionRef.get(folds.snapshot)
        const now = new Map((yield* concerned).map((one) => [componentOf(one.provider), one.problem]))
        const before = Object.values(control.health).filter(
          ({ component, workspace }) => workspace === null && component.startsWith(componentOf("")),
        )
        const said = new Map(before.map((row) => [row.component, row]))
        const drafts = [...new Set([...now.keys(), ...said.keys()])].flatMap((component) => {
          const problem = now.get(component) ?? null
          const row = said.get(component)
          const state = problem === null ? "running" : problem.now ? "failed" : "degraded"
          const isKnown = row === undefined ? problem === null : row.state === state
          if (isKnown) return []
          const detail = problem === null ? "in order" : `${problem.message} (${problem.cure})`
          return [draft("daemon.health", { component, state, backend: null, detail }, { actor: "daemon" })]
        })
        if (drafts.length === 0) return
        const events = yield* appender.append(drafts)
        yield* folds.reached(events.at(-1)!.seq)
      }).pipe(Semaphore.withPermits(yield* Semaphore.make(1), 1))

      const run = Effect.gen(function* () {
        const { seq } = yield* SubscriptionRef.get(folds.snapshot)
        const changes = Stream.runForEach(folds.follow(seq), (events) =>
          events.some((event) => event.type === "daemon.config" && event.workspace === null)
            ? look
            : Effect.void,
        )
        yield* Effect.all([changes, Effect.repeat(look, Schedule.spaced(lookEvery))], {
          concurrency: 2,
          discard: true,
        })
        return yield* Effect.never
      })
      return CredentialWatch.of({ owner, view, views, checks, look, run })
    }),
  )
}
