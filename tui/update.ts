/**
 * The one step of the screen: `update(model, message) -> { model, commands }`. Pure and total; after every message
 * the model settles (see `settle.ts`).
 */
import { edited, outcome, queueCame, recentCame, replaced, without } from "./arrivals.ts"
import { dialogKey, paste } from "./dialog.ts"
import { conflictsCame } from "./conflicts.ts"
import { grantsCame, offersCame } from "./grants.ts"
import { bindingFor, contextOf, inThePast } from "./keymap.ts"
import { mindsCame, movesMinds, readMinds, settleWords } from "./mindKeys.ts"
import { connectedLog, headCame, matchesCame, rangeCame, tailCame } from "./log.ts"
import type { EventRecord } from "../src/domain/event.ts"
import type { Message } from "./messages.ts"
import type { Model } from "./model.ts"
import { perform } from "./perform.ts"
import { olderCame } from "./marks.ts"
import { settle } from "./settle.ts"
import { say, stay, type Step } from "./step.ts"
import {
  formEdited,
  formId,
  resultsCame,
  toolJudged,
  toolRefused,
  toolsCame,
  toolTaken,
  wantedCame,
} from "./tools.ts"
import { wordsCame } from "./words.ts"
import { eventsCame, momentCame, momentFailed, reconnected, type Timeline } from "./timeline.ts"

/** A key that means something now, and nothing in the past, says so. */
const refusedInPast = (model: Model, key: string): Model => {
  const now = model.timeline === null ? null : bindingFor(model.panel, key)
  return now === null ? model : say(model, `${now.id}: ${inThePast}`, "warn")
}

const keyed = (model: Model, input: Extract<Message, { _tag: "Input" }>["input"]): Step => {
  switch (input._tag) {
    case "paste":
      return stay(paste(model, input.text))
    case "focus":
      return stay({ ...model, focused: input.focused }, { _tag: "Presence", present: input.focused })
    case "key": {
      const binding = bindingFor(contextOf(model), input.key)
      // without bracketed paste, pasted text comes as keys in one read
      if (binding?.answers === true && input.burst)
        return stay(say(model, "several keys came at once: press that one alone", "warn"))
      if (model.dialog !== null) return dialogKey(model, model.dialog, input)
      if (binding === null) return stay(refusedInPast(model, input.key))
      const reason = binding.disabledReason(model)
      return reason === null
        ? perform(model, binding.id)
        : stay(say(model, `${binding.id}: ${reason}`, "warn"))
    }
  }
}

/** A word of Claw's to the user is shown when it comes; it stays in the log. */
const told = (model: Model, events: ReadonlyArray<EventRecord>): Model => {
  const event = events.findLast(({ type }) => type === "session.message")
  const { message } = (event?.payload ?? {}) as { readonly message?: unknown }
  return typeof message === "string" ? say(model, message.split("\n")[0]!) : model
}

/** What came is for the timeline, if it is still open. */
const past = (model: Model, fold: (timeline: Timeline) => Timeline): Step =>
  stay(model.timeline === null ? model : { ...model, timeline: fold(model.timeline) })

const handle = (model: Model, message: Message): Step => {
  switch (message._tag) {
    case "Input":
      return keyed(message.input._tag === "key" ? { ...model, notice: null } : model, message.input)
    case "Resized":
      return stay({ ...model, size: message.size })
    case "Ticked":
      return stay(
        model.notice !== null && model.notice.until <= model.now ? { ...model, notice: null } : model,
      )
    case "Connected":
      return readMinds(
        stay(
          {
            ...model,
            connection: "connected",
            lost: null,
            mindsAsked: "no",
            words: null,
            log: connectedLog(model.log, message.head),
            answering: new Set(),
            detail: null,
            timeline: model.timeline === null ? null : reconnected(model.timeline, message.head),
          },
          { _tag: "Presence", present: model.focused },
          { _tag: "LoadRecent" },
        ),
      )
    case "Disconnected":
      return stay({
        ...model,
        connection: "lost",
        lost: message.reason,
        dialog: model.dialog?._tag === "confirm" ? null : model.dialog,
      })
    case "StatusCame":
      return stay({
        ...model,
        status: message.status,
        log: headCame(model.log, message.status.log.seq),
      })
    case "QueueCame":
      return readMinds(stay(wantedCame(queueCame(model, message.visible)), { _tag: "LoadRecent" }))
    case "RecentCame":
      return stay(recentCame(model, message.all))
    case "TailCame": {
      const step = past(
        { ...told(model, message.events), log: tailCame(model.log, message.events) },
        (timeline) => eventsCame(timeline, message.events),
      )
      return movesMinds(model, message.events) ? readMinds(step) : step
    }
    case "RangeCame":
      if (message.past === true)
        return past(model, (timeline) => ({
          ...timeline,
          log: rangeCame(timeline.log, message.from, message.to, message.events),
        }))
      return stay({ ...model, log: rangeCame(model.log, message.from, message.to, message.events) })
    case "MatchesCame":
      return stay({ ...model, log: matchesCame(model.log, message) })
    case "DetailCame": {
      const { detail } = model
      if (detail === null || detail.id !== message.id) return stay(model)
      return stay({
        ...model,
        detail: {
          id: message.id,
          lastSeq: message.detail.suggestion.lastSeq,
          state: "loaded",
          detail: message.detail,
          reason: null,
          loadedAt: model.now,
        },
      })
    }
    case "DetailFailed":
      return model.detail?.id === message.id
        ? stay({ ...model, detail: { ...model.detail, state: "failed", reason: message.reason } })
        : stay(model)
    case "WhyCame":
      return model.subject._tag === "why" && model.subject.id === message.id
        ? stay({ ...model, subject: { ...model.subject, why: message.why } })
        : stay(model)
    case "WhyFailed":
      return model.subject._tag === "why" && model.subject.id === message.id
        ? stay({ ...model, subject: { ...model.subject, reason: message.reason } })
        : stay(model)
    case "MomentCame":
      return past(model, (timeline) => momentCame(timeline, message.point, message.moment))
    case "MomentFailed":
      return past(model, (timeline) => momentFailed(timeline, message.point, message.reason))
    case "MarksCame":
      return past(model, (timeline) => ({
        ...timeline,
        marks:
          message.to === timeline.marks.from - 1 ? olderCame(timeline.marks, message.marks) : timeline.marks,
      }))
    case "EditorFailed":
      return stay(say(model, message.reason, "warn"))
    case "EditorClosed":
      if (message.id === formId) return stay(formEdited(model, message.after))
      return edited(model, message)
    case "Answered":
      return stay(
        say(replaced(model, message), outcome(message), message.row.state === "failed" ? "bad" : "good"),
        { _tag: "LoadRecent" },
      )
    case "AnswerFailed":
      if (message.conflicts !== undefined && message.conflicts.length > 0 && model.dialog === null) {
        const { conflicts, id, reason } = message
        const answering = without(model.answering, id)
        return stay(conflictsCame({ ...model, answering }, id, reason, conflicts), { _tag: "LoadRecent" })
      }
      return stay(
        {
          ...say(model, message.reason, "bad"),
          answering: without(model.answering, message.id),
          // what was refused may have been out of date: look again
          detail: model.detail?.id === message.id ? null : model.detail,
          changed:
            message.difference.length > 0
              ? { id: message.id, difference: message.difference }
              : model.changed?.id === message.id
                ? null
                : model.changed,
        },
        { _tag: "LoadRecent" },
      )
    case "OffersCame":
      return offersCame(model, message.id, message.offers)
    case "GrantsCame":
      return grantsCame(model, message.grants)
    case "GrantGone":
      return stay(say(model, "taken back: it is asked again from now on", "good"), { _tag: "LoadGrants" })
    case "ToolsCame":
      return stay(toolsCame(model, message.tools))
    case "ToolJudged":
      return stay(toolJudged(model, message))
    case "ToolTaken":
      return toolTaken(model, message.call, message.requested)
    case "ToolRefused":
      return stay(toolRefused(model, message.call, message.reason))
    case "ResultsCame":
      return stay(resultsCame(model, message.id, message.results))
    case "MindsCame":
      return mindsCame(model, message.minds)
    case "PartCame":
      return stay(
        model.words?.session === message.session
          ? { ...model, words: wordsCame(model.words, message.part) }
          : model,
      )
    case "FollowEnded":
      return stay(
        model.words?.session === message.session
          ? { ...model, words: { ...model.words, live: true, reason: message.reason } }
          : model,
      )
    case "Said":
      return stay(say(model, message.text, message.tone))
  }
}

export const update = (model: Model, message: Message): Step =>
  settle(settleWords(handle({ ...model, now: Math.max(model.now, message.at) }, message)))
