/**
 * Standing answers: what can be granted with a suggestion, the events that grant it, and how it is taken back.
 * Invariants: a grant is given with an approval, in the same append, or not at all; its scope is made here from the call
 * as it is judged now, never taken from who asks; one that counts on outside text is bound to the conversation that
 * asks, and lapses within a day; revoking is one event, after which nothing new runs by it.
 */
import { Clock, Context, Effect, Layer, SubscriptionRef } from "effect"
import { digestOf } from "../../policies/digest.ts"
import type { GrantOffer } from "../../policies/grantOffer.ts"
import type { GrantOffers } from "../../policies/grantOffers.ts"
import { Policies } from "../../policies/Policies.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import type { PlanBinding, PlanRead, Surface } from "../domain/events/acted.ts"
import { type GrantScope, grantScopes, type GrantScopeName, longestTaintedMs } from "../domain/grant.ts"
import { GrantError } from "../domain/grantError.ts"
import { type GrantRow, grantState, type GrantStateName } from "../domain/grants.ts"
import { neutralise } from "../domain/neutralise.ts"
import type { QueueRow } from "../domain/queue.ts"
import { redactSecrets } from "../domain/secrets/findSecrets.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { scriptsOf } from "./grantedScripts.ts"
import { askerOf, judgeContext } from "./judgeContext.ts"

/** What a person wants to be asked no more. */
export interface Always {
  readonly scope: GrantScopeName
  /** Null: until it is revoked. */
  readonly untilMs: number | null
  /** In the conversation that asks alone, though it rests on outside text. */
  readonly alsoTainted?: boolean
}

/** One way to grant all that a suggestion asks for. */
export interface SuggestionOffer {
  readonly scope: GrantScopeName
  /** What exactly it would allow, or why it cannot be had. */
  readonly title: string
  readonly possible: boolean
  /** It counts for this very conversation, though that rests on outside text, and nowhere else. */
  readonly alsoTainted: boolean
}
export interface SuggestionOffers {
  /** Narrowest first, those of this conversation before all; empty where no grant helps. */
  readonly offers: ReadonlyArray<SuggestionOffer>
  /** What is to be known before choosing; null: nothing. */
  readonly note: string | null
}

const offerOf = (
  { alsoTainted: here, offers }: GrantOffers,
  scope: GrantScopeName,
  alsoTainted: boolean,
): GrantOffer | undefined => (alsoTainted ? here : offers).find(({ name }) => name === scope)

/** A grant that counts on outside text lapses by itself. */
const atMost = (untilMs: number | null): Effect.Effect<number> =>
  Effect.map(Clock.currentTimeMillis, (now) => Math.min(untilMs ?? Number.MAX_VALUE, now + longestTaintedMs))

const taintedNote =
  "this one rests on text an outsider could have written: such ones are asked whatever was granted; what is granted holds for its like that do not"

export class Grants extends Context.Service<
  Grants,
  {
    readonly offers: (id: string) => Effect.Effect<SuggestionOffers, GrantError>
    /** The events that grant what this row asks for; they belong into the append of its approval. */
    readonly drafts: (
      row: QueueRow,
      always: Always,
      surface: Surface,
      /** What the approval is bound to. */
      plans: ReadonlyArray<PlanBinding>,
    ) => Effect.Effect<ReadonlyArray<EventDraft>, GrantError>
    /** All there ever were, as far as they are remembered; newest first. */
    readonly all: Effect.Effect<ReadonlyArray<GrantRow & { readonly state: GrantStateName }>>
    /** Those that were in force, `grant` null: all of them. */
    readonly revoke: (
      grant: string | null,
      reason: string,
      surface: Surface,
    ) => Effect.Effect<ReadonlyArray<GrantRow>, GrantError>
  }
>()("claw/loop/Grants") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Grants,
      Effect.gen(function* () {
        const folds = yield* Folds
        const appender = yield* Appender
        const policies = yield* Policies
        const refused = (message: string) => new GrantError({ reason: "refused", message })

        const contextOf = Effect.fnUntraced(function* (row: QueueRow, index: number) {
          const folded = yield* SubscriptionRef.get(folds.snapshot)
          const nowMs = yield* Clock.currentTimeMillis
          const asker = askerOf(row, index, options.home)
          return judgeContext(row.proposed[index]!, asker, folded, { home: options.home, nowMs })
        })
        /** What each action that is asked would need; null for one that is not. */
        const offersOf = (row: QueueRow) =>
          Effect.forEach(
            row.proposed,
            Effect.fnUntraced(function* (call, index): Effect.fn.Return<GrantOffers | null> {
              if (row.actions[index]?.verdict !== "ask") return null
              return yield* policies.offers(call, yield* contextOf(row, index))
            }),
          )
        /** Nothing is granted that was not approved in the same breath. */
        const boundScripts = Effect.fnUntraced(function* (
          row: QueueRow,
          index: number,
          scope: GrantScope,
          approved: ReadonlyArray<PlanRead>,
        ) {
          const workspace = row.workspace ?? options.home
          const call = row.proposed[index]!
          const { effects } = yield* policies.compile(call, yield* contextOf(row, index))
          const scripts = yield* scriptsOf(scope, effects, workspace)
          if (scripts === null) return yield* refused("the scripts it goes by cannot be read")
          const other = scripts.find(
            ({ hash, path }) => !approved.some((read) => read.path === path && read.hash === hash),
          )
          if (other !== undefined)
            return yield* refused(`${neutralise(other.path)} changed just now: look at it again`)
          return scripts
        })
        const faultOf = (row: QueueRow, found: ReadonlyArray<GrantOffers | null>): string | null => {
          if (row.workspace === null) return "it belongs to no workspace, and a grant holds in one"
          if (row.actions.length < row.proposed.length)
            return "it is still being judged: try again in a moment"
          if (found.every((each) => each === null)) return "nothing of it is asked"
          return found.find((each) => each !== null && each.fault !== null)?.fault ?? null
        }

        const offers = Effect.fn("Grants.offers")(function* (id: string) {
          const row = (yield* SubscriptionRef.get(folds.snapshot)).queue.suggestions[id]
          if (row === undefined)
            return yield* new GrantError({ reason: "no-such", message: `no such suggestion: ${id}` })
          const found = yield* offersOf(row)
          const fault = faultOf(row, found)
          if (fault !== null) return { offers: [], note: fault }
          const asked = found.filter((each) => each !== null)
          const offered = (scope: GrantScopeName, alsoTainted: boolean): ReadonlyArray<SuggestionOffer> => {
            const each = asked.map((one) => offerOf(one, scope, alsoTainted))
            if (each.includes(undefined)) return []
            const all = each.filter((offer) => offer !== undefined)
            const lacking = all.find((offer) => offer.scope === null)
            const title = lacking?.title ?? [...new Set(all.map((offer) => offer.title))].join("; and ")
            return [{ scope, title, possible: lacking === undefined, alsoTainted }]
          }
          const here = grantScopes.flatMap((scope) => offered(scope, true))
          return {
            offers: [...here, ...grantScopes.flatMap((scope) => offered(scope, false))],
            note: here.length === 0 && asked.some(({ tainted }) => tainted) ? taintedNote : null,
          }
        })

        const drafts = Effect.fn("Grants.drafts")(function* (
          row: QueueRow,
          always: Always,
          surface: Surface,
          plans: ReadonlyArray<PlanBinding>,
        ) {
          const found = yield* offersOf(row)
          const fault = faultOf(row, found)
          if (fault !== null) return yield* refused(`no grant helps here: ${fault}`)
          const alsoTainted = always.alsoTainted === true
          const untilMs = alsoTainted ? yield* atMost(always.untilMs) : always.untilMs
          const until = untilMs === null ? null : new Date(untilMs).toISOString()
          const { session } = row
          const made: Array<EventDraft> = []
          const known = new Set<string>()
          for (const [index, each] of found.entries()) {
            if (each === null) continue
            const offer = offerOf(each, always.scope, alsoTainted)
            const scope = offer?.scope ?? null
            if (offer === undefined || scope === null || (alsoTainted && session === null))
              return yield* refused(
                `this cannot be granted as ${always.scope}: ${offer?.title ?? "it holds nowhere that way"}`,
              )
            const same = digestOf(scope)
            if (known.has(same)) continue
            known.add(same)
            const scripts = yield* boundScripts(row, index, scope, plans[index]?.reads ?? [])
            const grant = `g_${digestOf({ suggestion: row.id, index, scope, until, alsoTainted, seq: row.lastSeq }).slice(0, 16)}`
            made.push(
              draft(
                "policy.granted",
                {
                  grant,
                  scope,
                  title: redactSecrets(offer.title),
                  verdict: "ask",
                  rules: each.rules,
                  until,
                  scripts,
                  ...(alsoTainted ? { alsoTainted: { session: session! } } : {}),
                  suggestion: row.id,
                  index,
                  surface,
                },
                { actor: `user:${surface}`, workspace: row.workspace, correlationId: row.id },
              ),
            )
          }
          return made
        })

        const stateNow = Effect.gen(function* () {
          const { grants } = yield* SubscriptionRef.get(folds.snapshot)
          const nowMs = Math.max(grants.nowMs, yield* Clock.currentTimeMillis)
          return Object.values(grants.grants)
            .toSorted((a, b) => b.seq - a.seq)
            .map((row) => ({ ...row, state: grantState(row, nowMs) }))
        })

        const revoke = Effect.fn("Grants.revoke")(function* (
          wanted: string | null,
          reason: string,
          surface: Surface,
        ) {
          const rows = yield* stateNow
          const one = rows.find((row) => row.grant === wanted)
          if (wanted !== null && one === undefined)
            return yield* new GrantError({ reason: "no-such", message: `no such grant: ${wanted}` })
          if (one !== undefined && one.state !== "in force")
            return yield* refused(`${one.grant} is ${one.state} already`)
          const due = one === undefined ? rows.filter(({ state }) => state === "in force") : [one]
          if (due.length === 0) return due
          const events = yield* appender
            .appendNow(
              due.map((row) =>
                draft(
                  "policy.revoked",
                  { grant: row.grant, reason: redactSecrets(reason), surface },
                  { actor: `user:${surface}`, workspace: row.workspace, causationId: row.id },
                ),
              ),
            )
            .pipe(
              Effect.mapError(
                (error) =>
                  new GrantError({
                    reason: "unavailable",
                    message: `the log cannot be written: ${error.message}`,
                  }),
              ),
            )
          yield* folds.reached(events.at(-1)!.seq)
          return due
        })

        return Grants.of({ offers, drafts, all: stateNow, revoke })
      }),
    )
}
