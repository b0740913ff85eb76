/**
 * Drafts as a working day brings them, made from a number: files saved, commands run, commits, the situations they
 * open, decisions (most of them silence), verdicts, actions. Pure: the same number gives the same draft.
 * Their shares and lengths follow what a day with an editor, an agent and a terminal leaves in a log.
 */
import { draft, type EventDraft } from "../../src/domain/event.ts"

const workspaces = ["/home/dev/projects/shop", "/home/dev/projects/api-server", "/home/dev/notes"]
const folders = ["src/components/button", "src/server/routes", "test/unit", "docs", "packages/core/src/lib"]
const names = ["Button", "index", "session", "checkout", "parser", "README", "useCart", "schema"]
const commands = [
  "git status",
  "npm test -- --run checkout",
  "ls -la packages",
  'git commit -m "Round totals to whole cents before tax is added"',
  "docker compose up -d postgres redis",
  "rg 'TODO' src --glob '!*.test.ts'",
  "node --inspect scripts/migrate.ts --from 2026-01-01",
]
const verdictFile = "presets/workspace.toml"

/** A few well mixed bits of a number; enough for variety. */
const mixed = (n: number, salt: number): number => {
  let x = Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d)
  x = Math.imul(x ^ (x >>> 12), 0x297a2d39)
  return (x ^ (x >>> 15)) >>> 0
}
const pick = <A>(list: ReadonlyArray<A>, n: number, salt: number): A => list[mixed(n, salt) % list.length]!
const hex = (n: number, salt: number, digits: number): string => {
  let out = ""
  for (let at = 0; out.length < digits; at++)
    out += mixed(n, salt + at)
      .toString(16)
      .padStart(8, "0")
  return out.slice(0, digits)
}
const pathOf = (n: number, salt: number): string =>
  `${pick(folders, n, salt)}/${pick(names, n, salt + 1)}${mixed(n, salt + 2) % 400}.tsx`
/** An id such as the log makes, of an event a little before. */
const idNear = (n: number): string =>
  `0198a${hex(n >> 8, 50, 3)}-${hex(n >> 4, 51, 4)}-7${hex(n, 52, 3)}-8${hex(n, 53, 3)}-${hex(n, 54, 12)}`

const source = (n: number, actor: string) => ({
  actor,
  workspace: pick(workspaces, n >> 6, 1),
  trust: "untrusted" as const,
})
const follows = (n: number, actor: string, cause: string | null, correlationId: string | null = null) => ({
  ...source(n, actor),
  causationId: cause ?? idNear(n),
  correlationId,
})

const saved = (n: number): EventDraft => {
  const many = mixed(n, 2) % 8 === 0 ? 6 : 1
  return draft(
    "fs.changed",
    {
      changes: Array.from({ length: many }, (_, m) => ({
        path: pathOf(n, 10 + m),
        kind: "change" as const,
        bytes: mixed(n, 20 + m) % 60_000,
      })),
      counts: { add: 0, change: many, unlink: 0, rename: 0 },
      truncated: false,
      cause: "watch",
    },
    source(n, "source:fs"),
  )
}
const ran = (n: number): EventDraft =>
  draft(
    "terminal.command",
    {
      command: `${pick(commands, n, 3)}${mixed(n, 4) % 3 === 0 ? ` ${pathOf(n, 5)}` : ""}`,
      cwd: pick(workspaces, n >> 6, 1),
      exit: mixed(n, 6) % 6 === 0 ? 1 : 0,
      durationMs: mixed(n, 7) % 90_000,
      shell: "zsh",
      session: `zsh-${4000 + ((n >> 9) % 40)}-1767`,
      authorKind: mixed(n, 8) % 4 === 0 ? "agent" : "user",
      startedAt: new Date(1_767_600_000_000 + n * 997).toISOString(),
      position: { file: `zsh-${4000 + ((n >> 9) % 40)}.spool`, offset: n * 120 },
    },
    source(n, "source:terminal"),
  )
const committed = (n: number): EventDraft =>
  draft(
    "git.commit",
    {
      sha: hex(n, 60, 40),
      parents: [hex(n - 1, 60, 40)],
      branch: "main",
      subject: "Round totals to whole cents before tax is added",
      files: [pathOf(n, 10), pathOf(n, 11), pathOf(n, 12)],
      position: { file: "logs/HEAD", offset: n * 190, mark: hex(n, 61, 16) },
    },
    source(n, "source:git"),
  )
const staged = (n: number): EventDraft =>
  draft(
    "git.staged",
    {
      files: [
        { path: pathOf(n, 10), status: "M" },
        { path: pathOf(n, 11), status: "A" },
      ],
      count: 2,
      truncated: false,
      index: hex(n, 62, 64),
    },
    source(n, "source:git"),
  )
const opened = (n: number, cause: string | null): EventDraft =>
  draft(
    "situation.opened",
    {
      kind: "command.ended",
      workspace: pick(workspaces, n >> 6, 1),
      subject: pick(commands, n, 3),
      evidence: [n + 1, n + 2],
      data: { exit: mixed(n, 6) % 6 === 0 ? 1 : 0, command: pick(commands, n, 3), session: "zsh-4001-1767" },
    },
    follows(n, "decider", cause),
  )
const facts = (n: number, cause: string | null): EventDraft =>
  draft(
    "situation.facts",
    {
      situation: n + 1,
      facts: [
        {
          probe: { _tag: "pathKinds", paths: [pathOf(n, 10), pathOf(n, 11)] },
          answer: { [pathOf(n, 10)]: "file", [pathOf(n, 11)]: null },
          unavailable: null,
        },
        {
          probe: { _tag: "gitDirty" },
          answer: { count: 3, oldestMs: 1_767_600_000_000 + n },
          unavailable: null,
        },
      ],
    },
    follows(n, "decider", cause),
  )
const silent = (n: number, cause: string | null): EventDraft =>
  draft(
    "decision.silent",
    {
      situation: n + 1,
      rule: pick(["none", "tests.failed", "git.conflict"], n, 9),
      reason: "no rule speaks of a command that ended well",
      evidence: [n + 1],
      fingerprint: null,
    },
    follows(n, "decider", cause),
  )
const judged = (n: number, cause: string | null): EventDraft => {
  const id = `s_${hex(n, 63, 16)}`
  const argv = ["npm", "test", "--", "--run", pathOf(n, 10)]
  const cwd = pick(workspaces, n >> 6, 1)
  return draft(
    "policy.verdict",
    {
      suggestion: id,
      index: 0,
      call: { tool: "run", input: { command: argv.join(" ") }, cwd },
      verdict: {
        verdict: "ask",
        rule: "workspace.run-program",
        file: verdictFile,
        line: 42,
        reason: "it starts another program",
        effects: [{ _tag: "exec", argv, cwd, env: {} }],
        commands: [argv],
        matched: [{ rule: "workspace.run-program", file: verdictFile, line: 42, verdict: "ask" }],
        missing: 'a grant for "npm test"',
        digest: hex(n, 64, 64),
      },
    },
    follows(n, "gate", cause, id),
  )
}
const shown = (n: number, cause: string | null): EventDraft => {
  const id = `s_${hex(n, 63, 16)}`
  const reason = "a command ended, and nothing was shown this hour"
  return draft(
    "decision.shown",
    { suggestion: id, reason, boundary: "command" },
    follows(n, "attention", cause, id),
  )
}
const finished = (n: number, cause: string | null): EventDraft => {
  const id = `s_${hex(n, 63, 16)}`
  return draft(
    "tool.finished",
    {
      suggestion: id,
      call: `${id}#0`,
      ok: true,
      exit: 0,
      output: {
        head: `Test Files  ${n % 90} passed (90)\nDuration  ${n % 7}.31s`,
        tail: "",
        bytes: 58,
        blob: null,
      },
      durationMs: mixed(n, 7) % 90_000,
      after: [],
      refs: {},
    },
    follows(n, "tool:run", cause, id),
  )
}

/** Of a hundred events so many of each kind. */
const shares: ReadonlyArray<readonly [number, (n: number, cause: string | null) => EventDraft]> = [
  [38, saved],
  [16, ran],
  [16, opened],
  [15, silent],
  [4, facts],
  [4, staged],
  [3, committed],
  [2, judged],
  [1, shown],
  [1, finished],
]
const makers = shares.flatMap(([share, make]) => Array.from({ length: share }, () => make))

/** The draft number `n` of the mix; what follows from another event follows from `cause`, or from one made up. */
export const mixDraft = (n: number, cause: string | null = null): EventDraft =>
  makers[mixed(n, 0) % makers.length]!(n, cause)

/** The first so many drafts of the mix over and over, made once: for what only counts and measures events. */
export const mixRound = (size: number): ((n: number) => EventDraft) => {
  const made: Array<EventDraft> = []
  return (n) => (made[n % size] ??= mixDraft(n % size))
}

/** A small event of one kind, for measuring appends: about 300 bytes as msgpack. */
export const plainDraft = (n: number): EventDraft =>
  draft(
    "fs.changed",
    {
      changes: [{ path: `src/components/button/Button${n}.tsx`, kind: "change", bytes: 4096 + (n % 1000) }],
      counts: { add: 0, change: 1, unlink: 0, rename: 0 },
      truncated: false,
      cause: "watch",
    },
    { actor: "source:fs", workspace: "/home/dev/projects/shop", trust: "untrusted" },
  )
