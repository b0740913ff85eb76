/**
 * The work on one conversation, step by step, until it rests. All it knows is in the log, so it can be cut off anywhere and
 * taken up again.
 * Invariants: a step that another event overtook is thought over again; a stop interrupts an answer, calls and a record
 * that is being written, and nothing else; while Claw is paused nothing is thought or done, and nothing is lost; whatever
 * breaks ends in a rest that says so.
 */
import { Cause, Deferred, Effect } from "effect"
import type { ModelError } from "../../model/ModelError.ts"
import type { ModelInfo } from "../../model/Provider.ts"
import type { Models } from "../../model/Models.ts"
import type { Preparation } from "../Preparation.ts"
import type { SessionError } from "../SessionError.ts"
import { justCompacted, next, type Step } from "../session/next.ts"
import { lastWord } from "../session/since.ts"
import type { Transcript } from "../session/transcript.ts"
import { compact } from "./compact.ts"
import { notedDraft, restedDraft } from "./drafts.ts"
import type { Hub } from "./Hub.ts"
import { Reading } from "./load.ts"
import { preparing } from "./prepare.ts"
import { type RunServices, runCalls, settleCalls } from "./run.ts"
import { think } from "./think.ts"

export interface WorkServices extends RunServices {
  readonly models: Models["Service"]
  readonly preparation: Preparation["Service"]
  readonly hub: Hub
}

/** Of one answer, where the model allows as much: enough for a file, and no more than a ceiling's worst case should bear. */
const longestAnswer = 16_000

const unknownModel: Pick<ModelInfo, "window" | "maxOutput"> = { window: null, maxOutput: null }

export const outputOf = ({ maxOutput }: Pick<ModelInfo, "maxOutput">): number =>
  Math.min(maxOutput ?? longestAnswer, longestAnswer)

export const sizeOf = (models: Models["Service"], model: string) =>
  Effect.orElseSucceed(models.info(model), () => unknownModel)

const told = ({ cure, message, requestId }: ModelError): string =>
  `${message}${requestId === null ? "" : ` (request ${requestId})`}${cure === "" ? "" : `: ${cure}`}`

/** What is not done while Claw is paused. */
const acts: ReadonlySet<Step["_tag"]> = new Set(["think", "call", "compact"])

export interface Work {
  /** Ends when it rests. */
  readonly run: Effect.Effect<void>
  /** What a person stopped stops now. */
  readonly stop: Effect.Effect<void>
  /** Something was erased: nothing that was held counts. */
  readonly forget: () => void
}

export const work = (services: WorkServices, session: string): Work => {
  const { hub, log, models, preparation } = services
  const reading = new Reading(log, session)
  const held = new Map<string, Uint8Array>()
  let preparedFor = 0
  let stopping = Deferred.makeUnsafe<void>()

  const moved = (seq: number) => hub.publish(session, { _tag: "moved", seq })
  const after = (transcript: Transcript, drafts: Parameters<typeof log.append>[0]) =>
    log.appendAfter(session, transcript.lastSeq, drafts).pipe(
      Effect.tap((events) => (events === null ? Effect.void : moved(events.at(-1)!.seq))),
      Effect.uninterruptible,
    )
  const rest = (transcript: Transcript, step: Pick<Step & { _tag: "rest" }, "reason" | "message">) =>
    after(transcript, [restedDraft(transcript, step.reason, step.message)])

  /** What the call left in the log stands behind what the answer was asked from. */
  const failed = Effect.fnUntraced(function* (error: ModelError, size: Size) {
    const transcript = yield* Effect.orDie(reading.now)
    if (error.reason === "context" && !justCompacted(transcript)) {
      const shorter = yield* compact(services, transcript, { ...size, reason: "window", all: true })
      if (shorter !== null) return yield* moved(shorter.seq)
    }
    const reason =
      error.reason === "paused" ? "money" : error.reason === "content-filter" ? "refused" : "failed"
    yield* rest(transcript, { reason, message: told(error) })
  })

  interface Size {
    readonly window: number | null
    readonly maxOutput: number
  }

  const prepare = Effect.fnUntraced(function* (transcript: Transcript) {
    const changed = yield* preparing(log, preparation, transcript)
    if (changed === null || (yield* after(transcript, [changed])) !== null)
      preparedFor = lastWord(transcript)?.seq ?? 0
  })

  const stoppable = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A | void, E> =>
    Effect.raceFirst(effect, Deferred.await(stopping))

  const take = (transcript: Transcript, step: Step, size: Size): Effect.Effect<unknown> => {
    switch (step._tag) {
      case "wait":
        return Effect.void
      case "prepare":
        return prepare(transcript)
      case "think":
        return stoppable(
          Effect.flatMap(think(services, transcript, step.cause, size.maxOutput, held), (error) =>
            error === null ? Effect.void : failed(error, size),
          ),
        )
      case "call":
        return stoppable(runCalls(services, transcript, step.turn, step.calls, moved))
      case "settle":
        return Effect.flatMap(settleCalls(services, transcript, step.turn, step.calls), moved)
      case "compact":
        return stoppable(
          Effect.flatMap(compact(services, transcript, { ...size, reason: "window", all: false }), (done) =>
            done === null ? Effect.void : moved(done.seq),
          ),
        )
      case "note":
        return after(transcript, [notedDraft(transcript, step.kind, step.text)])
      case "rest":
        return rest(transcript, step)
    }
  }

  /** False: there is nothing to do. */
  const once: Effect.Effect<boolean, SessionError> = Effect.gen(function* () {
    stopping = Deferred.makeUnsafe<void>()
    const transcript = yield* reading.now
    const info = yield* sizeOf(models, transcript.model)
    const size = { window: info.window, maxOutput: outputOf(info) }
    const { usd } = yield* log.spent(session)
    const prepared = preparedFor === (lastWord(transcript)?.seq ?? 0)
    const step = next(transcript, { ...size, spentUsd: usd, prepared })
    if (acts.has(step._tag) && (yield* log.paused)) {
      // words may have come meanwhile: it is thought over again
      yield* stoppable(log.resumed)
      return true
    }
    yield* take(transcript, step, size)
    return step._tag !== "wait"
  })

  const broken = (cause: Cause.Cause<unknown>) =>
    Effect.gen(function* () {
      yield* Effect.logError(`${session}: ${Cause.pretty(cause)}`)
      const transcript = yield* reading.now
      const message = `an error of Claw's own: ${Cause.pretty(cause).split("\n")[0] ?? "unknown"}`
      yield* rest(transcript, { reason: "failed", message })
    }).pipe(Effect.ignore)

  const run = Effect.gen(function* () {
    while (yield* once);
  }).pipe(Effect.catchCause((cause) => (Cause.hasInterruptsOnly(cause) ? Effect.interrupt : broken(cause))))
  return {
    run,
    stop: Effect.suspend(() => Effect.asVoid(Deferred.succeed(stopping, undefined))),
    forget: () => {
      reading.forget()
      held.clear()
    },
  }
}
