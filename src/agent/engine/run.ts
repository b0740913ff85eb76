/**
 * The calls of an answer, done: those that only look together, the others one after the other, each with its result in the
 * log as soon as it ended.
 * Invariants: every call gets a result, also one that names no tool, holds no JSON or is one of a hundred; nothing runs
 * that the gate did not let.
 */
import { Effect } from "effect"
import type { Tool } from "../../act/Tool.ts"
import type { EventDraft } from "../../domain/event.ts"
import { nearest } from "../../domain/nearest.ts"
import type { AgentLog } from "../AgentLog.ts"
import type { Hands } from "../Hands.ts"
import { held, holdsCalls, isHeld } from "../deliberation/held.ts"
import type { InnerTool } from "../InnerTools.ts"
import { callerOf } from "../session/caller.ts"
import type { Turn } from "../session/blocks.ts"
import { type AnswerCall, requestId } from "../session/calls.ts"
import { noInput, resultOf, unasked } from "../session/results.ts"
import { isAllowed } from "../session/toolChoice.ts"
import type { Transcript } from "../session/transcript.ts"
import { allows } from "../skills/skillTools.ts"
import { resultsDraft } from "./drafts.ts"

/** Of one answer; the others are told to come again. */
const mostCalls = 32
/** Calls that only look, at once. */
const atOnce = 8

export interface RunServices {
  readonly log: AgentLog["Service"]
  readonly hands: Hands["Service"]
  readonly inner: ReadonlyArray<InnerTool>
}

const onlyLooks = (tool: Tool, input: Readonly<Record<string, unknown>>): boolean =>
  tool.hints.readOnly ||
  tool.readOnlyForms.some((form) => Object.entries(form).every(([key, value]) => input[key] === value))

/** Neighbours that only look go together; anything else goes alone. */
const inGroups = <A>(
  items: ReadonlyArray<A>,
  looks: (item: A) => boolean,
): ReadonlyArray<ReadonlyArray<A>> => {
  const groups: Array<Array<A>> = []
  let open = false
  for (const item of items) {
    const look = looks(item)
    if (look && open) groups.at(-1)!.push(item)
    else groups.push([item])
    open = look
  }
  return groups
}

const notAllowed = (call: AnswerCall, allowed: ReadonlyArray<string>): string => {
  const near = nearest(call.name, allowed)
  return near === null || near === call.name
    ? `this conversation has no tool of that name; it may use ${allowed.join(", ") || "none"}`
    : `this conversation has no tool of that name: did you mean ${near}?`
}

const barred = (skill: NonNullable<Transcript["skill"]>): string =>
  `the skill ${skill.name} is in force and does not allow this call; it allows ${skill.tools?.join(", ") || "nothing more"}. Finish what it is for, and say what is left`

export const runCalls = Effect.fnUntraced(function* (
  { hands, inner, log }: RunServices,
  transcript: Transcript,
  turn: Turn,
  calls: ReadonlyArray<AnswerCall>,
  moved: (seq: number) => Effect.Effect<void>,
) {
  const { cwd, session, trust, workspace } = transcript
  const actor = callerOf(transcript)
  const put = (...drafts: ReadonlyArray<EventDraft>) =>
    Effect.uninterruptible(Effect.flatMap(log.append(drafts), (events) => moved(events.at(-1)!.seq)))

  const outer = Effect.fnUntraced(function* (call: AnswerCall, input: Readonly<Record<string, unknown>>) {
    const asked = hands.call({
      id: requestId(turn.answer.call, call.index),
      session,
      workspace,
      cwd,
      actor,
      trust,
      causationId: turn.answer.id,
      call: { tool: call.name, input },
    })
    const result = yield* Effect.match(asked, {
      onSuccess: (ended) => resultOf(call, ended),
      onFailure: (error) => unasked(call, error.message),
    })
    yield* put(resultsDraft(transcript, turn, [result]))
  })

  const own = Effect.fnUntraced(function* (
    tool: InnerTool,
    call: AnswerCall,
    input: Readonly<Record<string, unknown>>,
  ) {
    const { answer } = turn
    const id = requestId(answer.call, call.index)
    const context = { transcript, id, causationId: answer.id, seq: answer.seq }
    const ended = yield* tool.run(input, context)
    const result = { ...unasked(call, ended.text), ok: ended.ok }
    yield* put(...(ended.drafts ?? []), resultsDraft(transcript, turn, [result], ended.trust))
  })

  const offered = yield* hands.offered({ workspace, actor, trust, session })
  const looksOnly = (name: string, input: Readonly<Record<string, unknown>>): boolean => {
    const tool = offered.find((other) => other.name === name)
    return tool !== undefined && onlyLooks(tool, input)
  }

  /** Where nothing may run unasked: what would change something is kept for the developer, what looks is let or not. */
  const draftOnly = Effect.fnUntraced(function* (call: AnswerCall, input: Readonly<Record<string, unknown>>) {
    const wanted = { session, workspace, cwd, actor, trust, call: { tool: call.name, input } }
    const { fault, verdict } = yield* hands.consider(wanted)
    if (looksOnly(call.name, input)) {
      if (verdict === "allow" || verdict === "audit") return yield* outer(call, input)
      const text = fault ?? "only the developer can allow this, and nobody is asked now: do without it"
      return yield* put(resultsDraft(transcript, turn, [unasked(call, text)]))
    }
    // what comes behind a kept change may rest on it, and cannot be tried yet
    const behind = holdsAlready || call.index > 0
    const result =
      fault !== null && (verdict === "deny" || !behind) ? unasked(call, fault) : held(call, verdict)
    yield* put(resultsDraft(transcript, turn, [result]))
  })
  const holdsAlready = transcript.entries.some(
    (entry) => entry._tag === "results" && entry.results.some(isHeld),
  )

  const one = (call: AnswerCall) => {
    const { input, name } = call
    const tool = inner.find(({ definition }) => definition.name === name)
    if (call.index >= mostCalls) {
      const text = `not run: of the ${turn.calls.length} calls of this answer only the first ${mostCalls} were; ask for the others again`
      return put(resultsDraft(transcript, turn, [unasked(call, text)]))
    }
    if (input === null) return put(resultsDraft(transcript, turn, [noInput(call)]))
    const { skill } = transcript
    if (skill !== null && !allows(skill.tools, name, input))
      return put(resultsDraft(transcript, turn, [unasked(call, barred(skill))]))
    if (tool !== undefined && holdsCalls(transcript.kind) && !tool.readOnly) {
      const text = "nothing but looking and preparing is done here: do without it"
      return put(resultsDraft(transcript, turn, [unasked(call, text)]))
    }
    if (tool !== undefined) return own(tool, call, input)
    if (transcript.tools !== null && !isAllowed(transcript.tools, name, looksOnly(name, input)))
      return put(resultsDraft(transcript, turn, [unasked(call, notAllowed(call, transcript.tools))]))
    return holdsCalls(transcript.kind) ? draftOnly(call, input) : outer(call, input)
  }

  const looks = ({ index, input, name }: AnswerCall): boolean => {
    if (input === null || index >= mostCalls) return true
    const own = inner.find(({ definition }) => definition.name === name)
    if (own !== undefined) return own.readOnly
    return looksOnly(name, input)
  }
  yield* Effect.forEach(
    inGroups(calls, looks),
    (group) => Effect.forEach(group, one, { concurrency: atOnce, discard: true }),
    { discard: true },
  )
})

/** After a stop: what waits is taken back, what runs is ended, and each call has its result. */
export const settleCalls = Effect.fnUntraced(function* (
  { hands, log }: RunServices,
  transcript: Transcript,
  turn: Turn,
  calls: ReadonlyArray<AnswerCall>,
) {
  yield* hands.stop(transcript.session, "stopped by the user")
  const results = yield* Effect.forEach(calls, (call) =>
    hands.ended(requestId(turn.answer.call, call.index)).pipe(
      Effect.map((ended) =>
        ended === null ? unasked(call, "not run: stopped by the user") : resultOf(call, ended),
      ),
      Effect.catch((error) => Effect.succeed(unasked(call, error.message))),
    ),
  )
  const events = yield* log.append([resultsDraft(transcript, turn, results)])
  return events.at(-1)!.seq
})
