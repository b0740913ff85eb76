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
  readonly conflictMarkers: ReadonlyArray<{
    readonly path: string
    readonly lines: ReadonlyArray<number>
    /** Those of them that stand in a string or a block of code. */
    readonly quoted?: ReadonlyArray<number>
  }>
  readonly gitIndexLock: { readonly ageMs: number; readonly holder: number | null } | null
  readonly portOwner: { readonly pid: number; readonly command: string } | null
  readonly diskSpace: {
    readonly mount: string
    readonly freeBytes: number
    readonly totalBytes: number
    readonly freeFiles: number
    /** 0: the file system does not count them. */
    readonly totalFiles: number
  }
  /** Of a path that is not there the nearest folder above it answers. */
  readonly owners: Readonly<
    Record<
      string,
      {
        readonly path: string
        readonly owner: string
        readonly mine: boolean
        readonly group: string
        /** The user is in its group, as the system's list has it. */
        readonly listed: boolean
        /** Group members may write. */
        readonly forGroup: boolean
        readonly writable: boolean
      }
    >
  >
  readonly limits: {
    readonly openFiles: number | null
    readonly watches: number | null
    readonly instances: number | null
  }
  readonly network: { readonly way: boolean }
  readonly toolVersions: {
    readonly wants: ReadonlyArray<{
      readonly tool: "node" | "python"
      readonly file: string
      readonly text: string
    }>
    readonly found: ReadonlyArray<{
      readonly tool: "node" | "python"
      readonly version: string
      /** `PATH`, or the program that keeps versions: nvm, asdf, mise ... */
      readonly by: string
    }>
  }
  readonly envNames: {
    /** Path of the example, relative to the workspace. */
    readonly example: string
    /** There is a `.env`. */
    readonly present: boolean
    readonly missing: ReadonlyArray<string>
    /** Of these the ones that the older example did not have; null: it could not be read. */
    readonly added: ReadonlyArray<string> | null
  } | null
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
