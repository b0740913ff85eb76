/**
 * The one way to ask for tool calls by name: a person at the command line, a conversation, a sub-agent. A request is
 * logged and judged whole; where the gate needs no person it runs, where it does it waits in the queue, and each call
 * has a typed result in the end.
 * Invariants: request, verdicts and what follows from them are one append, so nothing is half asked; nothing runs that
 * is not in the log; what is denied, or cannot be planned, ends at once and visibly, and is no question; waiting costs
 * nothing.
 */
import { Context, Effect, Layer, Option, Random, Result, Stream, SubscriptionRef } from "effect"
import { type LogError, LogStore } from "../../log-store/LogStore.ts"
import { deniedOutright } from "../../policies/deniedTools.ts"
import { Policies } from "../../policies/Policies.ts"
import type { Tool } from "../act/Tool.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import type { ToolCall, Verdict, VerdictKind } from "../domain/action.ts"
import { CallError, type CallResult, type Requested } from "../domain/callResult.ts"
import { draft, type Event, type EventDraft } from "../domain/event.ts"
import { callId } from "../domain/ids.ts"
import type { QueueRow } from "../domain/queue.ts"
import { requestTrust } from "../domain/taint.ts"
import { Appender } from "./Appender.ts"
import {
  type Caller,
  type CallRequest,
  holdsSecret,
  inputError,
  located,
  requestFault,
  titleOf,
  unknownTool,
  withoutInputs,
} from "./callRequest.ts"
import { callResults, requestEnds } from "./callResults.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { latest } from "./latest.ts"
import { Planner, type Unasked, type Wanted } from "./Planner.ts"

export type { Caller, CallRequest } from "./callRequest.ts"

const secretMessage =
  "the input holds a secret, and the log keeps every input: name a file or an environment variable that holds it instead"

const unplanned: Unasked = { plans: null, unconfined: false }
const unavailable = (error: LogError) => new CallError({ reason: "unavailable", message: error.message })

/** 64 random bits as the other suggestions' ids look; the append makes sure that nothing had it before. */
const freshId = Effect.map(
  Effect.all([Random.nextIntBetween(0, 2 ** 32), Random.nextIntBetween(0, 2 ** 32)]),
  (words) => `s_${words.map((word) => word.toString(16).padStart(8, "0")).join("")}`,
)

const open = (row: QueueRow): boolean => row.state === "pending" || row.state === "snoozed"
const waits = (row: QueueRow): boolean => open(row) || row.state === "approved"

export class Calls extends Context.Service<
  Calls,
  {
    /** Logs and judges the request. Answers once the gate has spoken and the log has it. */
    readonly request: (request: CallRequest) => Effect.Effect<Requested, CallError>
    /** Whether the log has a request of this id. */
    readonly known: (suggestion: string) => Effect.Effect<boolean, CallError>
    /** A result for each call, once all have ended; a question waits as long as it takes. */
    readonly results: (suggestion: string) => Effect.Effect<ReadonlyArray<CallResult>, CallError>
    /**
     * Asks for one call and waits for its result. Never fails: a wrong input, a denial and a no are results too. Where a
     * person made several calls of it, the first that did not end well, else the last.
     */
    readonly call: (
      request: Omit<CallRequest, "calls"> & { readonly call: ToolCall },
    ) => Effect.Effect<CallResult>
    /** The gate's word on a call as things are now, and why it cannot be done, if that is known. Logs nothing. */
    readonly consider: (
      request: Omit<CallRequest, "calls"> & { readonly call: ToolCall },
    ) => Effect.Effect<{ readonly verdict: VerdictKind; readonly fault: string | null }>
    /** Takes back a request that nobody has answered yet; false where it is too late for that. */
    readonly withdraw: (suggestion: string, reason: string) => Effect.Effect<boolean, CallError>
    /** What may be shown to this caller: not what does not work yet or is off, nor what a rule denies whatever the input. */
    readonly offered: (caller: Caller) => Effect.Effect<ReadonlyArray<Tool>>
    /** Has requests that a person edited judged again, until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/loop/Calls") {
  static readonly layer = (options: { readonly home: string }) =>
    Layer.effect(
      Calls,
      Effect.gen(function* () {
        const store = yield* LogStore
        const folds = yield* Folds
        const appender = yield* Appender
        const registry = yield* ToolRegistry
        const policies = yield* Policies
        const judge = yield* Judge
        const planner = yield* Planner

        const listed = registry.tools.filter((tool) => tool.listed)
        const rowOf = (id: string) =>
          Effect.map(SubscriptionRef.get(folds.snapshot), ({ queue }) => queue.suggestions[id])
        const known = Effect.fnUntraced(function* (id: string) {
          if ((yield* rowOf(id)) !== undefined) return true
          const first = yield* store
            .read({ correlationId: id, limit: 1 })
            .pipe(Stream.runHead, Effect.mapError(unavailable))
          return Option.isSome(first)
        })

        const fits = Effect.fnUntraced(function* ({ tool: name, input }: ToolCall) {
          const tool = registry.get(name)
          if (tool === undefined) {
            return yield* unknownTool(
              name,
              listed.map((one) => one.name),
            )
          }
          if (!tool.listed) return yield* inputError(`${tool.name} cannot be used yet`)
          yield* Effect.mapError(tool.check(input), (error) => inputError(error.message))
        })

        const header = (asked: CallRequest, id: string, actor: string) => ({
          actor,
          workspace: asked.workspace,
          trust: asked.trust,
          causationId: asked.causationId ?? null,
          correlationId: id,
        })

        const requestDraft = (id: string, asked: CallRequest, calls: ReadonlyArray<ToolCall>): EventDraft =>
          draft(
            "tool.requested",
            { suggestion: id, title: titleOf(calls, asked.title), calls: [...calls], session: asked.session },
            header(asked, id, asked.actor),
          )

        const refusal = (
          id: string,
          asked: CallRequest,
          index: number,
          why: { readonly reason: string; readonly message: string },
        ): EventDraft =>
          draft("tool.failed", { suggestion: id, call: callId(id, index), ...why }, header(asked, id, "gate"))

        /** What the verdicts lead to: an end, a start, or nothing, which leaves a question. */
        const following = (
          id: string,
          asked: CallRequest,
          verdicts: ReadonlyArray<Verdict>,
          { plans, unconfined }: Unasked,
        ): { readonly state: Requested["state"]; readonly drafts: ReadonlyArray<EventDraft> } => {
          const denied = verdicts.findIndex(({ verdict }) => verdict === "deny")
          if (denied >= 0) {
            const { rule, file, line, reason } = verdicts[denied]!
            const message = `denied by ${rule} (${file}:${line}): ${reason}`
            return {
              state: "refused",
              drafts: [refusal(id, asked, denied, { reason: requestEnds.denied, message })],
            }
          }
          if (unconfined || verdicts.some(({ verdict }) => verdict === "ask"))
            return { state: "asking", drafts: [] }
          const waived = draft(
            "approval.waived",
            {
              suggestion: id,
              digests: verdicts.map(({ digest }) => digest),
              // what cannot be planned fails as soon as it starts, and says why
              ...(plans === null ? {} : { plans }),
              reason: `allowed by ${[...new Set(verdicts.map(({ rule }) => rule))].join(", ")}`,
            },
            header(asked, id, "gate"),
          )
          return { state: "running", drafts: [waived] }
        }

        /** A yes to what cannot be planned would do nothing: nobody is asked about it. */
        const firstImpossible = Effect.fnUntraced(function* (wanted: ReadonlyArray<Wanted>) {
          for (const [index, one] of wanted.entries()) {
            const { plan } = yield* planner.plan(one, { unsandboxed: true })
            if (Result.isFailure(plan)) {
              const { reason, message } = plan.failure
              return { index, reason, message }
            }
          }
          return null
        })

        const judged = Effect.fnUntraced(function* (id: string, asked: CallRequest) {
          const calls = located(asked.calls, asked.cwd)
          if (holdsSecret(calls)) {
            const told = { ...asked, title: `${asked.title ?? "a call"} (its input held a secret)` }
            const drafts = [
              requestDraft(id, told, withoutInputs(calls)),
              refusal(id, asked, 0, { reason: "refused", message: secretMessage }),
            ]
            return { state: "refused" as const, drafts }
          }
          const verdicts = yield* Effect.forEach(calls, (call, index) =>
            judge.call(call, { ...asked, before: calls.slice(0, index) }),
          )
          const spoken = verdicts.map((verdict, index) =>
            draft(
              "policy.verdict",
              { suggestion: id, index, call: calls[index]!, verdict },
              header(asked, id, "gate"),
            ),
          )
          const unasked = verdicts.every(({ verdict }) => verdict === "allow" || verdict === "audit")
          const wanted = calls.map((action, index) => ({ ...asked, call: callId(id, index), action }))
          const impossible =
            verdicts.some(({ verdict }) => verdict === "deny") || unasked
              ? null
              : yield* firstImpossible(wanted)
          if (impossible !== null) {
            const { index, reason, message } = impossible
            const drafts = [
              requestDraft(id, asked, calls),
              ...spoken,
              refusal(id, asked, index, { reason, message }),
            ]
            return { state: "refused" as const, drafts }
          }
          const then = following(id, asked, verdicts, unasked ? yield* planner.unasked(wanted) : unplanned)
          return {
            state: then.state,
            drafts: [requestDraft(id, asked, calls), ...spoken, ...then.drafts],
          }
        })

        const standing = (row: QueueRow | undefined): Requested["state"] => {
          if (row === undefined || !waits(row)) return "refused"
          return row.state === "approved" ? "running" : "asking"
        }
        const already = Effect.fnUntraced(function* (id: string) {
          return { v: 1 as const, suggestion: id, state: standing(yield* rowOf(id)) }
        })

        const request = Effect.fn("Calls.request")(function* (asking: CallRequest) {
          if (asking.id !== undefined && (yield* known(asking.id))) return yield* already(asking.id)
          const fault = requestFault(asking.calls)
          if (fault !== null) return yield* fault
          yield* Effect.forEach(asking.calls, fits, { discard: true })
          // whoever asks after having read outside text asks for no more than that text may
          const { taint } = yield* SubscriptionRef.get(folds.snapshot)
          const asked = { ...asking, trust: requestTrust(taint, asking.session, asking.trust) }
          const id = asked.id ?? (yield* freshId)
          const { state, drafts } = yield* judged(id, asked)
          const events = yield* appender.appendNow(drafts, { correlationId: id, lastSeq: 0 }).pipe(
            // the same request came twice in the same moment
            Effect.catchIf(
              (error) => asked.id !== undefined && error.reason._tag === "Conflict",
              () => Effect.succeed(null),
            ),
            Effect.mapError(unavailable),
          )
          if (events === null) return yield* already(id)
          yield* folds.reached(events.at(-1)?.seq ?? 0)
          return { v: 1 as const, suggestion: id, state }
        })

        const results = Effect.fn("Calls.results")(function* (id: string) {
          yield* latest(folds.snapshot).pipe(
            Stream.map(({ queue }) => queue.suggestions[id]),
            Stream.filter((row) => row === undefined || !waits(row)),
            Stream.runHead,
            Effect.flatMap((ended) => (Option.isSome(ended) ? Effect.void : Effect.never)),
          )
          const events = yield* store
            .read({ correlationId: id })
            .pipe(Stream.runCollect, Effect.mapError(unavailable))
          const found = callResults(events)
          return found === null
            ? yield* new CallError({ reason: "no-such", message: `no such request or suggestion: ${id}` })
            : found
        })

        const call: Calls["Service"]["call"] = ({ call: one, ...asked }) => {
          const unasked = (error: CallError): CallResult => ({
            v: 1,
            suggestion: null,
            call: null,
            tool: one.tool,
            input: one.input,
            edited: false,
            outcome: "failed",
            ok: false,
            exit: null,
            text: error.message,
            output: null,
            durationMs: null,
            problem: { reason: error.reason, message: error.message },
            verdict: null,
            undoable: false,
          })
          return request({ ...asked, calls: [one] }).pipe(
            Effect.flatMap(({ suggestion }) => results(suggestion)),
            Effect.map(
              (all): CallResult =>
                all.find(({ ok }) => !ok) ??
                all.at(-1) ?? {
                  ...unasked(inputError("the user took this call out of the request")),
                  outcome: "rejected",
                },
            ),
            Effect.catch((error) => Effect.succeed(unasked(error))),
          )
        }

        const consider: Calls["Service"]["consider"] = Effect.fn("Calls.consider")(function* (asking) {
          const { call: one, cwd, ...asked } = asking
          const [action] = located([one], cwd)
          const fault =
            requestFault([one]) ??
            (yield* Effect.flip(Effect.as(fits(one), null)).pipe(Effect.option, Effect.map(Option.getOrNull)))
          if (fault !== null) return { verdict: "deny" as const, fault: fault.message }
          if (holdsSecret([one])) return { verdict: "deny" as const, fault: secretMessage }
          const { taint } = yield* SubscriptionRef.get(folds.snapshot)
          const asker = { ...asked, trust: requestTrust(taint, asked.session, asked.trust) }
          const { file, line, reason, rule, verdict } = yield* judge.call(action!, asker)
          if (verdict === "deny") return { verdict, fault: `denied by ${rule} (${file}:${line}): ${reason}` }
          const wanted = { ...asker, call: callId("considered", 0), action: action! }
          const { plan } = yield* planner.plan(wanted, { unsandboxed: true })
          return { verdict, fault: Result.isFailure(plan) ? plan.failure.message : null }
        })

        const withdraw = Effect.fn("Calls.withdraw")(function* (id: string, reason: string) {
          const row = yield* rowOf(id)
          if (row === undefined || row.requestedBy === null)
            return yield* new CallError({ reason: "no-such", message: `no such request: ${id}` })
          if (!open(row)) return false
          const gone = draft(
            "tool.failed",
            { suggestion: id, call: callId(id, 0), reason: requestEnds.withdrawn, message: reason },
            {
              actor: row.requestedBy,
              workspace: row.workspace,
              trust: row.tainted ? "untrusted" : "trusted",
              correlationId: id,
            },
          )
          // who answered in the same moment came first
          return yield* appender.appendNow([gone], { correlationId: id, lastSeq: row.lastSeq }).pipe(
            Effect.tap((events) => folds.reached(events.at(-1)!.seq)),
            Effect.as(true),
            Effect.catchIf(
              (error) => error.reason._tag === "Conflict",
              () => Effect.succeed(false),
            ),
            Effect.mapError(unavailable),
          )
        })

        const offered = Effect.fn("Calls.offered")(function* (caller: Caller) {
          const rules = yield* policies.ruleSet
          const context = { ...caller, cwd: caller.workspace, home: options.home }
          const allowed = listed.filter((tool) => deniedOutright(rules, tool.name, context) === null)
          return yield* Effect.filter(allowed, (tool) =>
            Effect.map(tool.off ?? Effect.succeed(null), (off) => off === null),
          )
        })

        const rejudge = Effect.fnUntraced(function* (id: string) {
          const row = yield* rowOf(id)
          const due = row !== undefined && row.requestedBy !== null && open(row)
          if (due && row.actions.length < row.proposed.length) yield* judge.suggestion(id)
        })
        const edited = (events: ReadonlyArray<Event>) =>
          Effect.forEach(
            events,
            (event) => (event.type === "approval.edited" ? rejudge(event.payload.suggestion) : Effect.void),
            { discard: true },
          )
        const run = Effect.gen(function* () {
          const { seq, queue } = yield* SubscriptionRef.get(folds.snapshot)
          yield* Effect.forEach(Object.keys(queue.suggestions), rejudge, { discard: true })
          yield* Stream.runForEach(folds.follow(seq), edited)
          return yield* Effect.never
        })

        return Calls.of({ request, known, results, call, consider, withdraw, offered, run })
      }),
    )
}
