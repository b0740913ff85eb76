/** Random stories of what is observed: commands, files, git, the daemon itself. */
import * as fc from "fast-check"
import { draft, type EventDraft } from "../../../src/domain/event.ts"
import { commands, digest, paths, type Step, workspaceOf } from "./step.ts"

export const commandStory = fc
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

export const filesStory = fc
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

export const gitStory = fc
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

export const daemonStory = fc
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
