/**
 * Puts a record in the place of what was said, by a small model where one answers, else by rule.
 * Invariant: the log stays as it is; a conversation that moved on meanwhile is not compacted by what it was.
 */
import { Effect } from "effect"
import { draft } from "../../domain/event.ts"
import type { SummaryLine } from "../../domain/events/sessions.ts"
import type { Models } from "../../model/Models.ts"
import type { AgentLog } from "../AgentLog.ts"
import { causeOf } from "../session/next.ts"
import { compactionRequest, type Cut, cutOf, linesFrom, plainLines } from "../session/compaction.ts"
import type { Transcript } from "../session/transcript.ts"
import { roomOf } from "../session/window.ts"
import { header } from "./drafts.ts"

const recordOutput = 8_000
/** Tokens of the listing where the window is not known. */
const roomUnknown = 24_000

interface Written {
  readonly lines: ReadonlyArray<SummaryLine>
  readonly call: string | null
}

const byModel = Effect.fnUntraced(function* (
  models: Models["Service"],
  transcript: Transcript,
  cut: Cut,
): Effect.fn.Return<Written | null> {
  const cause = causeOf(transcript)
  if (cause === null) return null
  const { session, situation, trust, workspace } = transcript
  const asking = Effect.gen(function* () {
    const model = yield* Effect.orElseSucceed(models.resolve("small", workspace), () => transcript.model)
    const { window } = yield* models.info(model)
    const room = roomOf(window, recordOutput) ?? roomUnknown
    const request = compactionRequest(transcript, cut, { model, maxOutput: recordOutput, room })
    const purpose = "compact" as const
    return yield* models.answer({
      purpose,
      session,
      situation,
      rule: null,
      workspace,
      trust,
      cause,
      request,
      base: null,
    })
  })
  const event = yield* Effect.orElseSucceed(asking, () => null)
  if (event === null) return null
  const text = event.payload.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("")
  const lines = linesFrom(transcript, cut, text)
  return lines === null ? null : { lines, call: event.payload.call }
})

/** Null: there is nothing to cut, or something else came first. */
export const compact = Effect.fnUntraced(function* (
  { log, models }: { readonly log: AgentLog["Service"]; readonly models: Models["Service"] },
  transcript: Transcript,
  options: {
    readonly window: number | null
    readonly maxOutput: number
    readonly reason: "window" | "asked"
    /** As much as can be goes into the record. */
    readonly all: boolean
  },
) {
  const cut = cutOf(transcript, options.window, options.maxOutput, options.all)
  if (cut === null) return null
  const written = (yield* byModel(models, transcript, cut)) ?? {
    lines: plainLines(transcript, cut),
    call: null,
  }
  const { session, trust } = transcript
  const events = yield* log.appendAfter(session, transcript.lastSeq, [
    draft(
      "session.compacted",
      { session, upTo: cut.upTo, lines: [...written.lines], reason: options.reason, call: written.call },
      header(transcript, { trust }),
    ),
  ])
  return events === null ? null : { seq: events.at(-1)!.seq, lines: written.lines }
})
