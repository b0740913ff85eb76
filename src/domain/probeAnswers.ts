/** The shapes of probe answers, by request tag. Types only: answers are logged as JSON and read back as these. */
import type { GitAnswers } from "./gitAnswers.ts"
import type { ProbeRequest } from "./probe.ts"

export interface ProbeAnswers extends GitAnswers {
  readonly executablesNear: ReadonlyArray<string>
  readonly which: Readonly<Record<string, string | null>>
  readonly pathKinds: Readonly<Record<string, "file" | "dir" | "link" | null>>
  readonly listDir: ReadonlyArray<string>
  readonly readText: string | null
  readonly gitCommands: {
    readonly commands: ReadonlyArray<string>
    readonly aliases: Readonly<Record<string, string>>
  }
  readonly gitBranch: {
    readonly head: string | null
    readonly branch: string | null
    readonly upstream: string | null
    readonly upstreamSha: string | null
    readonly ahead: number | null
    readonly behind: number | null
    readonly remotes: ReadonlyArray<string>
    readonly branches: ReadonlyArray<string>
    readonly operation: "merge" | "rebase" | "cherry-pick" | "revert" | "bisect" | null
    /** The upstream's tip was this branch's own before it was amended or rebased here. */
    readonly rewritten?: true
  }
  readonly gitStaged: {
    readonly files: ReadonlyArray<{
      readonly path: string
      readonly status: "A" | "M" | "D" | "R" | "T" | "U"
      readonly bytes: number | null
      readonly binary: boolean
      /** Added lines with their 1-based line numbers in the staged file; empty where not read. */
      readonly added: ReadonlyArray<{ readonly line: number; readonly text: string }>
      readonly truncated: boolean
    }>
    readonly truncated: boolean
  }
  /** `truncated`: not all of it was read. */
  readonly gitCommitted: {
    readonly parents: number
    readonly files: ProbeAnswers["gitStaged"]["files"]
    readonly truncated: boolean
  }
  readonly gitDirty: {
    readonly files: number
    readonly oldestMs: number | null
    readonly paths: ReadonlyArray<string>
  }
  readonly conflictMarkers: ReadonlyArray<{ readonly path: string; readonly lines: ReadonlyArray<number> }>
  readonly gitIndexLock: { readonly ageMs: number; readonly holder: number | null } | null
  readonly portOwner: { readonly pid: number; readonly command: string } | null
  readonly manifest: {
    readonly files: ReadonlyArray<{ readonly path: string; readonly text: string; readonly mtimeMs: number }>
    /** Package manager told by lockfile or `packageManager`: npm, pnpm, yarn, bun, cargo, ... */
    readonly manager: string | null
  }
  readonly installed: Readonly<Record<string, string | null>>
  readonly comments: ReadonlyArray<{
    readonly path: string
    /** 1-based, of its first line. */
    readonly line: number
    readonly text: string
    /** `claw:` wants it done, `claw?` wants an answer. */
    readonly wants: "work" | "answer"
  }>
  readonly compromised: ReadonlyArray<{
    readonly name: string
    readonly version: string
    readonly campaign: string | null
    readonly advisories: ReadonlyArray<string>
  }>
}
export type ProbeTag = ProbeRequest["_tag"]
export type ProbeAnswer<T extends ProbeTag> = ProbeAnswers[T]
