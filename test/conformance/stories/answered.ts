/** Random stories of what is suggested, asked for, answered and done. */
import * as fc from "fast-check"
import { draft } from "../../../src/domain/event.ts"
import { digest, type Step, workspaceOf } from "./step.ts"

const call = (n: number) => ({ tool: "bash", input: { command: `echo ${n}` } })
const undo = { possible: true, reason: null, before: [], refs: {} }
const output = { head: "", tail: "", bytes: 0, blob: null }

/** What the gate says of a call of the suggestion that `on` belongs to. */
const judgedAs =
  (
    verdict: "allow" | "ask" | "deny",
    of: ReturnType<typeof call>,
    index: number,
    on: { readonly workspace: string; readonly correlationId: string },
  ): Step =>
  () =>
    draft(
      "policy.verdict",
      {
        suggestion: on.correlationId,
        index,
        call: of,
        verdict: {
          verdict,
          rule: "default",
          file: "default.toml",
          line: 3,
          reason: verdict === "ask" ? "asked" : verdict,
          effects: [],
          commands: [],
          matched: [],
          missing: null,
          digest: digest(index),
        },
      },
      { ...on, actor: "gate" },
    )

/** From a situation to what became of its suggestion. */
export const suggestionStory = fc
  .record({
    workspace: workspaceOf,
    id: fc.integer({ min: 0, max: 15 }),
    actions: fc.integer({ min: 0, max: 2 }),
    rule: fc.constantFrom("push-failed", "run-again", "gone-rule"),
    shown: fc.boolean(),
    ending: fc.constantFrom(
      "voided",
      "approved",
      "failed",
      "undone",
      "rejected",
      "snoozed",
      "edited",
      "expired",
      "open",
    ),
    silent: fc.boolean(),
  })
  .map((story): ReadonlyArray<Step> => {
    const { actions, ending, rule, shown, silent, workspace } = story
    const suggestion = `s_${story.id.toString(16).padStart(16, "0")}`
    const on = { actor: "decider", workspace, correlationId: suggestion }
    const person = { actor: "user:cli", workspace, correlationId: suggestion }
    let situation = 0
    const calls = Array.from({ length: actions }, (_, n) => call(n))
    const opened: Step = ({ seq }) => {
      situation = seq
      return draft(
        "situation.opened",
        {
          kind: "command.failed",
          workspace,
          subject: "git push",
          evidence: [Math.max(1, seq - 1)],
          data: {},
        },
        { actor: "decider", workspace },
      )
    }
    const facts: Step = ({ idOf }) =>
      draft(
        "situation.facts",
        { situation, facts: [{ probe: { _tag: "gitIndexLock" }, answer: null, unavailable: "gone" }] },
        { actor: "probe", workspace, trust: "untrusted", causationId: idOf(situation) },
      )
    if (silent) {
      const decided: Step = ({ idOf }) =>
        draft(
          "decision.silent",
          { situation, rule, reason: "nothing to do", evidence: [situation], fingerprint: null },
          { actor: "decider", workspace, causationId: idOf(situation) },
        )
      return [opened, facts, decided]
    }
    const made: Step = ({ idOf }) =>
      draft(
        "decision.draft",
        {
          situation,
          suggestion,
          proposal: {
            rule,
            mode: "draft",
            title: `do ${suggestion}`,
            why: [{ text: "because", seq: situation }],
            evidence: [situation],
            actions: calls,
            risk: "low",
            urgent: false,
            fingerprint: `${rule}:${suggestion}`,
            expiresWhen: ["git:HEAD", "file:package-lock.json"],
            ttlMs: null,
            alternatives: [],
          },
          tainted: true,
          expiresAt: null,
        },
        { ...on, trust: "untrusted", causationId: idOf(situation) },
      )
    const verdicts = calls.map((of, index) => judgedAs("ask", of, index, on))
    const seen: Step = () =>
      shown
        ? draft("decision.shown", { suggestion, reason: "now", boundary: "commit" }, on)
        : draft("decision.withheld", { suggestion, reason: "quiet", until: null }, on)
    const approved: Step = () =>
      draft("approval.approved", { suggestion, digests: [], unsandboxed: false, surface: "cli" }, person)
    const ran = calls.flatMap((of, index): ReadonlyArray<Step> => {
      const one = { suggestion, call: `${suggestion}#${index}` }
      const ends = { ...one, exit: 0, output, durationMs: 5, after: [], refs: {} }
      return [
        () =>
          draft(
            "tool.started",
            { ...one, ...of, commands: [], sandbox: "bubblewrap", digest: digest(index), undo },
            { ...on, actor: "executor" },
          ),
        () =>
          ending === "failed"
            ? draft(
                "tool.failed",
                { ...one, reason: "timeout", message: "took too long" },
                { ...on, actor: "executor" },
              )
            : draft("tool.finished", { ...ends, ok: true }, { ...on, actor: "executor" }),
      ]
    })
    const outcome =
      (what: "accepted" | "dismissed" | "reverted"): Step =>
      () =>
        draft("decision.outcome", { suggestion, outcome: what, evidence: [] }, on)
    const ends: Record<typeof ending, ReadonlyArray<Step>> = {
      approved: [approved, ...ran, outcome("accepted")],
      failed: [
        approved,
        ...ran,
        () => draft("approval.retried", { suggestion, as: `${suggestion}-again`, surface: "cli" }, person),
      ],
      voided: [
        approved,
        () => draft("approval.voided", { suggestion, reason: "it changed", changed: ["a.txt changed"] }, on),
        approved,
        ...ran,
      ],
      undone: [
        approved,
        ...ran,
        () => draft("approval.undo", { suggestion, surface: "cli" }, person),
        ...calls.map(
          (_, index): Step =>
            () =>
              draft(
                "tool.undone",
                { suggestion, call: `${suggestion}#${index}`, paths: [] },
                { ...on, actor: "undo" },
              ),
        ),
        outcome("reverted"),
      ],
      rejected: [
        () => draft("approval.rejected", { suggestion, reason: "no", surface: "tui" }, person),
        outcome("dismissed"),
      ],
      snoozed: [
        () =>
          draft(
            "approval.snoozed",
            { suggestion, until: "2026-04-01T09:00:00.000Z", surface: "tui" },
            person,
          ),
        seen,
      ],
      edited: [
        () => draft("approval.edited", { suggestion, actions: [call(9)], surface: "tui" }, person),
        approved,
      ],
      expired: [() => draft("decision.expired", { suggestion, reason: "HEAD moved", evidence: [] }, on)],
      open: [],
    }
    return [opened, facts, made, ...verdicts, seen, ...ends[ending]]
  })

/** Calls asked for by name, refused or answered, and what a person allows or takes back with them. */
export const requestStory = fc
  .record({
    workspace: workspaceOf,
    id: fc.integer({ min: 0, max: 15 }),
    calls: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 3 }),
    session: fc.constantFrom("c_1", "c_2", null),
    verdict: fc.constantFrom("allow" as const, "ask" as const, "deny" as const),
    answer: fc.constantFrom("granted", "approved", "rejected", "edited", "open"),
    scope: fc.constantFrom("exact" as const, "prefix" as const, "workspace" as const),
    hour: fc.boolean(),
    revoked: fc.boolean(),
  })
  .map((told): ReadonlyArray<Step> => {
    const { answer, calls, hour, revoked, scope, session, verdict, workspace } = told
    const suggestion = `s_r${told.id.toString(16).padStart(15, "0")}`
    const on = { actor: "agent", workspace, correlationId: suggestion }
    const person = { actor: "user:tui", workspace, correlationId: suggestion }
    const grant = `g_${told.id}`
    const scopes = {
      exact: { _tag: "exact", call: digest(told.id) },
      prefix: { _tag: "prefix", argvs: [["echo", "1"]], classes: ["unknown-program"] },
      workspace: {
        _tag: "workspace",
        tool: "write_file",
        path: workspace,
        effects: [{ _tag: "file", use: "write", classes: ["workspace"] }],
      },
    } as const
    let granted = 0
    const asked: Step = () =>
      draft("tool.requested", { suggestion, title: "some calls", calls: calls.map(call), session }, on)
    const judged = calls.map((n, index) => judgedAs(verdict, call(n), index, on))
    const approved: Step = () =>
      draft("approval.approved", { suggestion, digests: [], unsandboxed: false, surface: "tui" }, person)
    const grants: Step = ({ seq }) => {
      granted = seq
      return draft(
        "policy.granted",
        {
          grant,
          scope: scopes[scope],
          title: `always ${scope}`,
          verdict: "ask",
          rules: [{ rule: "no-rule", file: "policies/evaluate.ts" }],
          until: hour ? "2026-04-01T09:00:00.000Z" : null,
          suggestion,
          index: 0,
          surface: "tui",
        },
        person,
      )
    }
    const takenBack: Step = ({ idOf }) =>
      draft(
        "policy.revoked",
        { grant, reason: "", surface: "cli" },
        { actor: "user:cli", workspace, causationId: idOf(granted) },
      )
    const answers: Record<typeof answer, ReadonlyArray<Step>> = {
      granted: [grants, approved, ...(revoked ? [takenBack] : [])],
      approved: [approved],
      rejected: [() => draft("approval.rejected", { suggestion, reason: "no", surface: "tui" }, person)],
      edited: [() => draft("approval.edited", { suggestion, actions: [call(9)], surface: "tui" }, person)],
      open: [],
    }
    return [asked, ...judged, ...answers[answer]]
  })
