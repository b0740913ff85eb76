/**
 * Generated logs: what a person, the sources and Claw do, told as small stories that run through each other. Mostly
 * whole; now and then a step is missing, comes twice, is erased, or is of a type of tomorrow.
 */
import * as fc from "fast-check"
import { draft, type Event, type EventDraft } from "../../src/domain/event.ts"

const workspaces = ["/home/dev/shop", "/home/dev/ledger"] as const
const commands = ["npm test", "npm tset", "git status", "git sattus", "git push", "make", "ls -la"]
const paths = ["src/a.ts", "package-lock.json", ".env", "notes.md"]
const digest = (n: number) => String(n % 10).repeat(64)

/** A step of a story: drafts of one moment, made when its turn comes, because they name seqs and ids before them. */
type Step = (now: { readonly seq: number; readonly idOf: (seq: number) => string }) => EventDraft | null

const workspaceOf = fc.constantFrom(...workspaces)

const commandStory = fc
  .record({
    workspace: workspaceOf,
    command: fc.constantFrom(...commands),
    exit: fc.constantFrom(0, 0, 1, 127),
    user: fc.boolean(),
    shell: fc.integer({ min: 1, max: 3 }),
    offset: fc.nat(9_999),
    output: fc.option(fc.constantFrom("'sattus' is not a git command", "EADDRINUSE: 3000"), {
      nil: undefined,
    }),
  })
  .map(({ command, exit, offset, output, shell, user, workspace }): ReadonlyArray<Step> => [
    () =>
      draft(
        "terminal.command",
        {
          command,
          cwd: workspace,
          exit,
          durationMs: 12,
          shell: "bash",
          session: `bash-${shell}-1`,
          authorKind: user ? "user" : "agent",
          startedAt: "2026-04-01T08:00:00.000Z",
          ...(output === undefined ? {} : { output }),
          position: { file: `/run/claw/spool/bash-${shell}`, offset },
        },
        { actor: "source:terminal", workspace, trust: "untrusted" },
      ),
  ])

const filesStory = fc
  .record({
    workspace: workspaceOf,
    changed: fc.subarray(paths, { minLength: 1 }),
    kind: fc.constantFrom("add" as const, "change" as const, "unlink" as const),
  })
  .map(({ changed, kind, workspace }): ReadonlyArray<Step> => [
    () =>
      draft(
        "fs.changed",
        {
          changes: changed.map((path) => ({ path, kind })),
          counts: { add: 0, change: 0, unlink: 0, rename: 0, [kind]: changed.length },
          truncated: false,
          cause: "watch",
        },
        { actor: "source:fs", workspace, trust: "untrusted" },
      ),
  ])

const gitStory = fc
  .record({ workspace: workspaceOf, n: fc.nat(9), what: fc.nat(7) })
  .map(({ n, what, workspace }): ReadonlyArray<Step> => {
    const header = { actor: "source:git", workspace, trust: "untrusted" as const }
    const position = { file: "logs/HEAD", offset: 100 * n, mark: `m${n}` }
    const steps: ReadonlyArray<EventDraft> = [
      draft(
        "git.repository",
        {
          state: n === 0 ? "gone" : "appeared",
          gitDir: `${workspace}/.git`,
          bare: false,
          worktree: false,
          head: digest(n),
          branch: "main",
          notPlain: [],
          reason: null,
          positions: [position],
          refs: { "refs/heads/main": digest(n) },
        },
        header,
      ),
      draft(
        "git.commit",
        {
          sha: digest(n),
          parents: [],
          branch: "main",
          subject: `fix ${n}`,
          files: [paths[n % 4]!],
          position,
        },
        header,
      ),
      draft(
        "git.checkout",
        {
          from: digest(n),
          to: digest(n + 1),
          fromBranch: "main",
          branch: `feature-${n}`,
          subject: "checkout",
          files: ["package-lock.json"],
          position,
        },
        header,
      ),
      draft(
        "git.staged",
        { files: [{ path: ".env", status: "A" }], count: 1, truncated: false, index: digest(n) },
        header,
      ),
      draft(
        "git.conflict",
        { operation: "merge", paths: n === 0 ? [] : ["src/a.ts"], count: Math.min(n, 1) },
        header,
      ),
      draft("git.branch", { action: "moved", name: "main", from: null, to: digest(n) }, header),
      draft("git.fetched", { refs: [{ name: "origin/main", from: null, to: digest(n) }] }, header),
      draft("git.operation", { operation: n % 2 === 0 ? "merge" : null, was: null }, header),
    ]
    return [() => steps[what]!]
  })

const daemonStory = fc
  .record({ workspace: workspaceOf, n: fc.nat(9), what: fc.nat(8) })
  .map(({ n, what, workspace }): ReadonlyArray<Step> => {
    const header = { actor: "daemon" }
    const steps: ReadonlyArray<EventDraft> = [
      draft("daemon.started", { version: `0.${n}.0`, pid: n, node: "26.0.0" }, header),
      draft("daemon.stopped", { reason: "asked" }, header),
      draft("daemon.workspace", { action: "added", path: workspace }, { ...header, workspace }),
      draft("daemon.workspace", { action: "removed", path: workspace }, { ...header, workspace }),
      draft("daemon.paused", { until: n < 5 ? null : "2026-04-01T12:00:00.000Z", reason: "asked" }, header),
      draft("daemon.resumed", { reason: "asked" }, header),
      draft(
        "daemon.trusted",
        { workspace, digests: { "claw.config.ts": digest(n) } },
        { ...header, workspace },
      ),
      draft(
        "daemon.config",
        { file: "~/claw.config.ts", accepted: true, message: "", settings: { attention: { perHour: n } } },
        header,
      ),
      draft(
        "daemon.health",
        {
          component: n < 5 ? "source:fs" : "client:tui",
          state: n % 2 === 0 ? "running" : "degraded",
          backend: null,
          detail: `${n}`,
        },
        { ...header, workspace: n < 5 ? workspace : null },
      ),
    ]
    return [() => steps[what]!]
  })

const call = (n: number) => ({ tool: "bash", input: { command: `echo ${n}` } })
const undo = { possible: true, reason: null, before: [], refs: {} }
const output = { head: "", tail: "", bytes: 0, blob: null }

/** From a situation to what became of its suggestion. */
const suggestionStory = fc
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
    const verdicts = calls.map(
      (of, index): Step =>
        () =>
          draft(
            "policy.verdict",
            {
              suggestion,
              index,
              call: of,
              verdict: {
                verdict: "ask",
                rule: "default",
                file: "default.toml",
                line: 3,
                reason: "asked",
                effects: [],
                commands: [],
                matched: [],
                missing: null,
                digest: digest(index),
              },
            },
            { ...on, actor: "gate" },
          ),
    )
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
const requestStory = fc
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
    const judged = calls.map(
      (n, index): Step =>
        () =>
          draft(
            "policy.verdict",
            {
              suggestion,
              index,
              call: call(n),
              verdict: {
                verdict,
                rule: "default",
                file: "default.toml",
                line: 3,
                reason: verdict,
                effects: [],
                commands: [],
                matched: [],
                missing: null,
                digest: digest(index),
              },
            },
            { ...on, actor: "gate" },
          ),
    )
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

const story = fc.oneof(
  { weight: 4, arbitrary: suggestionStory },
  { weight: 3, arbitrary: commandStory },
  { weight: 2, arbitrary: filesStory },
  { weight: 2, arbitrary: gitStory },
  { weight: 2, arbitrary: daemonStory },
  { weight: 3, arbitrary: requestStory },
)

/** What happens to a step: mostly it happens. */
const luck = fc.oneof(
  { weight: 30, arbitrary: fc.constant("as told" as const) },
  { weight: 1, arbitrary: fc.constant("missing" as const) },
  { weight: 1, arbitrary: fc.constant("twice" as const) },
  { weight: 2, arbitrary: fc.constant("erased" as const) },
)

/** An event of a type that this program does not know. */
export const ofTomorrow = (before: Event): Event =>
  ({
    ...before,
    seq: before.seq + 1,
    id: `${before.id}-next`,
    type: "weather.changed",
    payload: { suggestion: before.correlationId, rain: true },
    correlationId: null,
    causationId: null,
  }) as unknown as Event

/** One that it knows and that tells nothing but that time went on. */
export const ofNoMatter = (before: Event): Event =>
  ({
    ...ofTomorrow(before),
    type: "log.anchored",
    payload: { to: "/elsewhere", size: 1 },
  }) as unknown as Event

interface Told {
  readonly stories: ReadonlyArray<ReadonlyArray<Step>>
  /** Which story goes on next, how long after, and how. */
  readonly turns: ReadonlyArray<{ readonly pick: number; readonly afterMs: number; readonly luck: string }>
}

const hash = (seq: number) => seq.toString(16).padStart(64, "0")

const logOf = ({ stories, turns }: Told): ReadonlyArray<Event> => {
  const events: Array<Event> = []
  const erased: Array<number> = []
  const left = stories.map((steps) => [...steps])
  let atMs = Date.parse("2026-04-01T08:00:00.000Z")
  const idOf = (seq: number) => `018f0000-0000-7000-8000-${String(seq).padStart(12, "0")}`
  const put = (made: EventDraft, isErased: boolean): void => {
    const seq = events.length + 1
    const { blobs: _, ...plain } = made
    events.push({
      ...plain,
      seq,
      id: idOf(seq),
      at: new Date(atMs).toISOString(),
      v: 1,
      prevHash: hash(seq - 1),
      hash: hash(seq),
      ...(isErased ? { payload: null, erased: true } : {}),
    } as unknown as Event)
    if (isErased) erased.push(seq)
  }
  for (const { afterMs, luck: what, pick } of turns) {
    atMs += afterMs
    const going = left.filter((steps) => steps.length > 0)
    const made = going[pick % Math.max(going.length, 1)]?.shift()?.({ seq: events.length + 1, idOf })
    if (made === undefined || made === null || what === "missing") continue
    put(made, what === "erased")
    if (what === "twice") put(made, false)
    if (what === "erased" && erased.length % 3 === 0)
      put(draft("log.erased", { seqs: [...erased], reason: "private" }, { actor: "user:cli" }), false)
  }
  return events
}

/** Logs of up to a few hundred events, in order, with dense seqs and times that only grow. */
export const logs: fc.Arbitrary<ReadonlyArray<Event>> = fc
  .record({
    stories: fc.array(story, { minLength: 5, maxLength: 40 }),
    turns: fc.array(
      fc.record({
        pick: fc.nat(7),
        afterMs: fc.constantFrom(0, 5, 400, 6_000, 200_000, 3_600_000),
        luck,
      }),
      { minLength: 20, maxLength: 200 },
    ),
  })
  .map(logOf)
