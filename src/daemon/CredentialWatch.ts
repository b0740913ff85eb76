/**
 * Whether the credentials that background work rests on hold, said before they do not: as `daemon.health` in the log and
 * the status, and to the doctor.
 * Invariants: a state is said once for each change; asks no server and no model; what nobody uses is no trouble.
 */
import { Context, Effect, Layer, Result, Schedule, Semaphore, Stream, SubscriptionRef } from "effect"
import type { ModelSettings } from "../config/modelSettings.ts"
import { draft } from "../domain/event.ts"
import { Appender } from "../loop/Appender.ts"
import { Folds } from "../loop/Folds.ts"
import { type CredentialOwner, Credentials } from "../model/credentials/Credentials.ts"
import { partsOf, providerSettings, providersOf, resolveName } from "../model/routing.ts"
import { ownerOf } from "../model/routingDirectory.ts"
import type { AuthView } from "../rpc/auth.ts"
import type { Check } from "../rpc/shapes.ts"
import { Configs } from "./Configs.ts"

const lookEvery = "10 minutes"
const componentOf = (provider: string): string => `credentials ${provider}`

/** Providers that a word of the settings leads to, and those that the settings describe. */
export const usedProviders = (settings: ModelSettings): ReadonlySet<string> => {
  const { aliases, default: usual, fallbacks, small, strong, providers } = settings
  const used = new Set(Object.keys(providers))
  for (const word of [usual, small, strong, ...fallbacks, ...Object.values(aliases)]) {
    if (word === undefined) continue
    const name = resolveName(settings, word)
    if (Result.isSuccess(name)) used.add(partsOf(name.success).provider)
  }
  return used
}

const checkOf = ({ expiresAt, problem, provider, renews, source, where }: AuthView): Check => {
  const base = { v: 1 as const, name: componentOf(provider) }
  if (problem !== null) {
    const { cure, message, now } = problem
    return now
      ? { ...base, ok: false, detail: message, cure }
      : { ...base, ok: true, note: true, detail: message, cure }
  }
  const end = expiresAt === null ? "" : renews ? ", renewed by itself" : `, good until ${expiresAt}`
  return {
    ...base,
    ok: true,
    detail: source === "needless" ? "takes none" : `from ${where ?? source}${end}`,
    cure: null,
  }
}

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

      const models = Effect.map(configs.settingsFor(null), (settings) => settings.models)
      const owner = Effect.fn("CredentialWatch.owner")(function* (provider: string) {
        const own = providerSettings(yield* models, provider)
        return own === null ? null : ownerOf(provider, own)
      })
      const view = Effect.fn("CredentialWatch.view")(function* (of: CredentialOwner) {
        const status = yield* credentials.status(of)
        const used = usedProviders(yield* models).has(of.name)
        return { v: 1, ...status, used, login: of.auth !== undefined } satisfies AuthView
      })
      const views = Effect.gen(function* () {
        const settings = yield* models
        const owners = providersOf(settings).flatMap((name) => {
          const own = providerSettings(settings, name)
          return own === null ? [] : [ownerOf(name, own)]
        })
        return yield* Effect.forEach(owners, view)
      })
      const concerned = Effect.map(views, (all) => all.filter(({ used }) => used))

      const checks = Effect.map(concerned, (all): ReadonlyArray<Check> =>
        all.length === 0
          ? [
              {
                v: 1,
                name: "credentials",
                ok: true,
                detail: "no model is set, so none is needed",
                cure: null,
              },
            ]
          : all.map(checkOf),
      )

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
        const settings = Stream.runForEach(folds.follow(seq), (events) =>
          events.some((event) => event.type === "daemon.config" && event.workspace === null)
            ? look
            : Effect.void,
        )
        yield* Effect.all([settings, Effect.repeat(look, Schedule.spaced(lookEvery))], {
          concurrency: 2,
          discard: true,
        })
        return yield* Effect.never
      })
      return CredentialWatch.of({ owner, view, views, checks, look, run })
    }),
  )
}
