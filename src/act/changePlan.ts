/**
 * Several files changed as one: planned against their exact states, made ready beside them, then exchanged.
 * Invariants: nothing is written unless all are still as planned; all are changed or none, also over a kill (`exchange`); a
 * link is never written through; mode and owner stay.
 */
import { Clock, Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { sha256 } from "./boundedOutput.ts"
import { exchange, type Place } from "./exchange.ts"
import { gitFoldersOf } from "./gitState.ts"
import { absentState, capture, sameState, type Captured } from "./pathState.ts"
import { shown } from "./paths.ts"
import { textResult, type ActSettings } from "./planParts.ts"
import { unknownAftermath } from "./recordUndo.ts"
import { captureFile, maxBytes, missingFolders, previewOf } from "./replacePlan.ts"
import type { ToolError, ToolPlan } from "./Tool.ts"

export interface FileChange {
  /** Real path inside the workspace. */
  readonly path: string
  readonly before: Captured
  /** Null: it goes. */
  readonly content: Uint8Array | null
  /** Permission bits of a file that was not there; null: the usual ones. */
  readonly mode: number | null
}

/** A preview is shown whole or cut, never so long that nobody reads it. */
const maxPreview = 256 * 1024

export const changePlan = (
  options: {
    readonly workspace: string
    readonly changes: ReadonlyArray<FileChange>
    readonly summary: string
  },
  settings: ActSettings,
): Effect.Effect<ToolPlan, ToolError> =>
  Effect.gen(function* () {
    const { workspace, changes } = options
    const name = (path: string): string => shown(workspace, path)
    const roots = [workspace]
    const folders = yield* attempt("look at the folders", async () => {
      const found = new Set<string>()
      for (const { path, content } of changes)
        if (content !== null) for (const folder of await missingFolders(path, workspace)) found.add(folder)
      return [...found].sort((a, b) => a.length - b.length)
    })
    const secret = changes.filter(({ before }) => before.bytes !== null && settings.holdsSecret(before.bytes))
    const befores = new Map([
      ...folders.map((folder) => [folder, absentState(folder)] as const),
      ...changes.map(({ path, before }) => [path, before.state] as const),
    ])
    const states = async () => {
      const now = await Promise.all([...befores.keys()].map((path) => capture(path, roots, maxBytes)))
      return now
        .map(({ state }) => state)
        .filter((state) => !sameState(state, befores.get(state.path)!, true))
    }
    const unchanged = async ({ path, before }: FileChange): Promise<void> => {
      if (!sameState((await captureFile(path, workspace)).state, before.state, true))
        throw refused(`${name(path)} changed since this was planned; nothing was written`)
    }
    const target = ({ path, before, content, mode }: FileChange, mtimeNs: string): Place => ({
      now: before.state,
      target:
        content === null
          ? { state: absentState(path), bytes: null }
          : {
              state: {
                path,
                kind: "file",
                mode: before.state.kind === "file" ? before.state.mode : (mode ?? 0o644),
                mtimeNs,
                bytes: content.length,
                hash: sha256(content),
              },
              bytes: content,
            },
    })
    const made = (path: string, mtimeNs: string): Place => ({
      now: absentState(path),
      target: { state: { ...absentState(path), kind: "dir", mode: 0o755, mtimeNs }, bytes: null },
    })
    const write = async (nowMs: number): Promise<void> => {
      for (const change of changes) await unchanged(change)
      const mtimeNs = String(BigInt(nowMs) * 1_000_000n)
      const places = [
        ...folders.map((folder) => made(folder, mtimeNs)),
        ...changes.map((change) => target(change, mtimeNs)),
      ]
      const git = await gitFoldersOf(workspace)
      const own = git === null ? [] : [...new Set([git.own, git.common])]
      await exchange(places, { workspace, git: own }, [])
    }
    const said = changes.map(({ path, content }) =>
      content === null ? `${name(path)}: removed` : `${name(path)}: ${content.length} bytes written`,
    )
    const run = Clock.currentTimeMillis.pipe(
      Effect.flatMap((nowMs) => attempt(options.summary, () => write(nowMs))),
      Effect.andThen(attempt("look again", states)),
      Effect.map((after) => textResult(said.join("\n"), settings, { after })),
      Effect.uninterruptible,
    )
    const previews = changes.map(({ path, before, content }) =>
      previewOf(name(path), before.bytes, content ?? new Uint8Array()),
    )
    const preview = previews.filter((text) => text !== null).join("")
    return {
      summary: options.summary,
      preview:
        preview === ""
          ? null
          : preview.length > maxPreview
            ? `${preview.slice(0, maxPreview)}\n[cut]\n`
            : preview,
      sandbox: "not-needed",
      commands: [],
      reads: changes.map(({ path, before }) => ({ path, hash: before.state.hash })),
      opens: changes.map(({ path }) => path),
      undo: {
        possible: secret.length === 0,
        reason:
          secret.length === 0
            ? null
            : `${secret.map(({ path }) => name(path)).join(", ")} holds a secret, which the log must not keep`,
        before: secret.length === 0 ? [...befores.values()] : [],
        refs: {},
      },
      blobs:
        secret.length > 0
          ? []
          : changes.flatMap(({ before }) => (before.bytes === null ? [] : [before.bytes])),
      aftermath: attempt("look again", states).pipe(
        Effect.map((after) => ({ after, refs: {} })),
        Effect.orElseSucceed(() => unknownAftermath),
      ),
      run,
    } satisfies ToolPlan
  })
