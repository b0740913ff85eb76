/**
 * What waits for the person, one at a time: fetched with what it would do, answered in place.
 * Invariants: an answer is for exactly what was on the screen; what is left for later stays in the queue; a word that is
 * typed never answers an approval.
 */
import { Clock, Effect, Result } from "effect"
import { readAnswer } from "../../domain/question.ts"
import { shownIn } from "../../rpc/shown.ts"
import { type AlwaysChoice, alwaysOf } from "../../../tui/grants.ts"
import { grantedText, granting } from "./always.ts"
import { type Asking, type AskingAct, askingKey, isQuestion, wholeLines } from "./asking.ts"
import { ask, type Failed, failedText, lostText, type Person, say, type Wires } from "./wires.ts"
import type { Client } from "../Session.ts"

const saysYes: ReadonlySet<AskingAct["_tag"]> = new Set(["sure", "approve", "always"])

export const makeWaiting = (wires: Wires) => {
  const { chat } = wires
  /** Questions a ceiling asked. */
  const paused = new Set<string>()
  /** Answered, or left for later. */
  const passed = new Set<string>()
  let fetching: string | null = null

  /** Looks what is next. */
  const attend = (): void => {
    const asks = chat.feed.open.filter(({ state }) => state === "asks").map(({ suggestion }) => suggestion)
    const waiting = [...asks, ...paused]
    if (chat.asking !== null && !waiting.includes(chat.asking.detail.suggestion.id)) {
      chat.asking = null
      chat.reasoning = false
    }
    const id = waiting.find((one) => !passed.has(one))
    if (chat.asking !== null || id === undefined || fetching !== null) return
    fetching = id
    const client = wires.client()
    const done = (run: () => void): Effect.Effect<void> =>
      Effect.sync(() =>
        wires.turn(() => {
          // a newer connection asks itself
          if (client !== wires.client()) return
          fetching = null
          run()
          attend()
        }),
      )
    wires.fork(
      Effect.matchEffect(client.Show({ id }), {
        onSuccess: (detail) =>
          Effect.flatMap(Clock.currentTimeMillis, (since) =>
            done(() => {
              if (detail.suggestion.state === "pending")
                chat.asking = { detail, sure: false, sent: false, since, printed: false }
              else paused.delete(id)
            }),
          ),
        onFailure: (error) =>
          // it is asked again once the daemon is back
          failedText(error) === lostText
            ? Effect.void
            : done(() => {
                passed.add(id)
                say(wires, failedText(error), "bad")
              }),
      }),
    )
  }

  const print = (asking: Asking): void => {
    const { cells, theme } = wires.drawing()
    chat.commit(...wholeLines(asking, theme, cells))
  }

  const answer = (
    asking: Asking,
    said: string,
    call: (who: Person, client: Client) => Effect.Effect<unknown, Failed>,
  ): void => {
    const { id } = asking.detail.suggestion
    chat.asking = { ...asking, sent: true }
    wires.fork(
      Effect.matchEffect(
        Effect.flatMap(wires.person, (who) => call(who, wires.client())),
        {
          onSuccess: () =>
            Effect.sync(() =>
              wires.turn(() => {
                say(wires, said)
                paused.delete(id)
                passed.add(id)
                if (chat.asking?.detail.suggestion.id === id) chat.asking = null
                attend()
              }),
            ),
          // what changed since it was shown is shown anew
          onFailure: (error) =>
            Effect.sync(() =>
              wires.turn(() => {
                say(wires, failedText(error), "warn")
                chat.asking = null
                attend()
              }),
            ),
        },
      ),
    )
  }

  const approve = (asking: Asking): void => {
    const { id, title } = asking.detail.suggestion
    answer(asking, `approved: ${title}`, (who, client) =>
      client.Approve({ ...who, id, ...shownIn(asking.detail) }),
    )
  }
  /** Approves what is shown, and grants its like. */
  const grant = (asking: Asking, choice: AlwaysChoice, now: number): void => {
    const { id, title } = asking.detail.suggestion
    answer(asking, `approved: ${title}\n${grantedText(asking.granting!, choice)}`, (who, client) =>
      client.Approve({ ...who, id, ...shownIn(asking.detail), always: alwaysOf(choice, now) }),
    )
  }
  /** Finds out what could be granted with it. */
  const offers = ({ detail }: Asking): void => {
    const { id } = detail.suggestion
    wires.fork(
      Effect.gen(function* () {
        const offered = yield* wires.client().GrantOffers({ id })
        const since = yield* Clock.currentTimeMillis
        wires.turn(() => {
          const { asking } = chat
          // what is asked by now may be another
          if (asking === null || asking.detail !== detail || asking.sent) return
          const found = granting(offered)
          if (found === null) say(wires, `no grant helps here: ${offered.note ?? ""}`, "warn")
          else chat.asking = { ...asking, sure: false, granting: found, since }
        })
      }),
    )
  }
  const reject = (asking: Asking, reason: string): void => {
    const { id, title } = asking.detail.suggestion
    answer(asking, `refused: ${title}${reason === "" ? "" : ` (${reason})`}`, (who, client) =>
      client.Reject({ ...who, id, reason }),
    )
  }

  return {
    attend,
    reject,
    /** The daemon is back: what was under way with the one before has no end, so it is asked anew. */
    again: (): void => {
      fetching = null
      if (chat.asking?.sent === true) chat.asking = null
      attend()
    },
    /** A ceiling was reached. */
    paused: (question: string): void => {
      paused.add(question)
      attend()
    },
    /** Another conversation. */
    forget: (): void => {
      chat.asking = null
      chat.reasoning = false
      paused.clear()
    },
    /** Words to a question; false where none is asked. */
    words: (text: string): boolean => {
      const { asking } = chat
      if (asking === null || !isQuestion(asking)) return false
      const { id, question } = asking.detail.suggestion
      const read = readAnswer(question!, text)
      if (Result.isFailure(read)) say(wires, read.failure, "warn")
      else
        answer(asking, `answered: ${text.trim()}`, (who, client) =>
          client.Answer({ ...who, id, answer: read.success }),
        )
      return true
    },
    /** A key while an approval has the keys; false where it is to be typed. */
    key: (asking: Asking, key: string, burst: boolean, now: number): boolean => {
      const act = askingKey(asking, key, burst, now)
      // a yes is to what was seen
      if (saysYes.has(act._tag) && !asking.printed && !chat.askedWhole) {
        print(asking)
        chat.asking = { ...asking, printed: true, sure: act._tag !== "always", since: now }
        return true
      }
      switch (act._tag) {
        case "approve":
          approve(asking)
          return true
        case "reject":
          reject(asking, "")
          return true
        case "sure":
          chat.asking = { ...asking, sure: true, since: now }
          return true
        case "reason":
          chat.reasoning = true
          return true
        case "whole":
          print(asking)
          chat.asking = { ...asking, printed: true, since: now }
          return true
        case "later":
          passed.add(asking.detail.suggestion.id)
          chat.asking = null
          say(wires, `it waits: claw approve ${asking.detail.suggestion.id}`)
          attend()
          return true
        case "always":
          offers(asking)
          return true
        case "choose":
          chat.asking = { ...asking, granting: { ...asking.granting!, chosen: act.choice }, since: now }
          return true
        case "grant":
          grant(asking, act.choice, now)
          return true
        case "back": {
          const { granting: open, ...whole } = asking
          chat.asking = {
            ...whole,
            ...(open?.chosen == null ? {} : { granting: { ...open, chosen: null } }),
            since: now,
          }
          return true
        }
        case "none":
          // the letters that answer an approval begin no word, and a burst answers nothing
          return (
            asking.sent || "aynrd".includes(key) || (asking.granting !== undefined && /^[1-9]$/.test(key))
          )
      }
    },
    /** Ends the work on the present word. */
    stop: (): void => ask(wires, (who, client) => client.StopSession({ ...who, session: chat.view.session })),
  }
}
