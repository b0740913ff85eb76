/** Calls about what is kept back: the digest, and how the rules stand. */
import { Clock, Effect, Stream, SubscriptionRef } from "effect"
import { LogStore } from "../../../log-store/LogStore.ts"
import { draft } from "../../domain/event.ts"
import { Appender } from "../../loop/Appender.ts"
import { Folds } from "../../loop/Folds.ts"
import { AttentionRpcs } from "../../rpc/attention.ts"
import { Unavailable } from "../../rpc/errors.ts"
import { calibrationOf, silencesOf, standings } from "../standings.ts"
import { inOrder, isOver, isVisible } from "../statusOf.ts"
import { Token } from "../Token.ts"

const dayMs = 24 * 60 * 60_000
/** Silences looked through for a digest: the newest. */
const mostSilences = 5_000
/** Reasons told. */
const mostReasons = 10

export const attentionHandlers = AttentionRpcs.toLayer(
  Effect.gen(function* () {
    const store = yield* LogStore
    const folds = yield* Folds
    const appender = yield* Appender
    const { person } = yield* Token

    const rulesNow = Effect.gen(function* () {
      const { decider, rules } = yield* SubscriptionRef.get(folds.snapshot)
      return standings(decider, rules, yield* Clock.currentTimeMillis)
    })

    return AttentionRpcs.of({
      Standings: () => rulesNow,
      Digest: Effect.fnUntraced(function* (ask) {
        const { peek, surface, workspace } = ask
        yield* person(ask)
        const now = yield* Clock.currentTimeMillis
        const { decider, queue } = yield* SubscriptionRef.get(folds.snapshot)
        const rows = Object.values(queue.suggestions).filter(
          (row) => workspace === null || row.workspace === null || row.workspace === workspace,
        )
        const visible = rows.filter((row) => isVisible(row, now)).length
        const waiting = rows
          .filter((row) => row.state === "pending" && !isVisible(row, now) && !isOver(row, now))
          .toSorted(inOrder)
        const silences = yield* store
          .read({
            types: ["decision.silent"],
            since: now - dayMs,
            reverse: true,
            limit: mostSilences,
            ...(workspace === null ? {} : { workspace }),
          })
          .pipe(
            Stream.runCollect,
            Effect.mapError((error) => new Unavailable({ message: error.message })),
          )
        if (!peek) {
          const events = yield* appender.append([
            draft("attention.asked", { surface }, { actor: `user:${surface}` }),
          ])
          yield* folds.reached(events.at(-1)!.seq)
        }
        return {
          v: 1 as const,
          waiting,
          visible,
          silences: silencesOf(silences).slice(0, mostReasons),
          rules: yield* rulesNow,
          calibrationError: calibrationOf(decider),
        }
      }),
    })
  }),
)
