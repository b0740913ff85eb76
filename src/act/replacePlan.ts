/**
 * The one way a file tool replaces a file: planned against its exact state, written whole beside it, and renamed
 * over only if the state is still the planned one.
 * Invariants: mode and owner stay; a link is never written through; folders that are missing are made and, by undo,
 * removed again.
 */
import { createTwoFilesPatch } from "diff"
import { lstat, mkdir } from "node:fs/promises"
import { dirname } from "node:path"
import { Effect } from "effect"
import type { PathState } from "../domain/events/acted.ts"
import { attempt, codeOf, refused } from "./attempt.ts"
import { textOf } from "./fileText.ts"
import { refuseOtherNames } from "./guarded.ts"
import {
  type Check,
  capture,
  replaceFile,
  sameState,
  syncFolder,
  TooLarge,
  type Captured,
} from "./pathState.ts"
import { inFolder, inside, shown } from "./paths.ts"
import { textResult, type ActSettings } from "./planParts.ts"
import { unknownAftermath } from "./recordUndo.ts"
import { mergeBase } from "./threeWay.ts"
import type { ToolError, ToolPlan } from "./Tool.ts"

export const maxBytes = 64 * 1024 * 1024
const maxPreview = 64 * 1024

/** The file as it is, for planning; a folder or a device is refused. */
export const captureFile = async (path: string, workspace: string): Promise<Captured> => {
  const check: Check = (opened, entry) => refuseOtherNames(workspace, path, opened, entry)
  const captured = await capture(path, [workspace], maxBytes, check).catch((error) => {
    throw error instanceof TooLarge ? refused(`${shown(workspace, path)} is larger than 64 MiB`) : error
  })
  const { kind, mode } = captured.state
  if (kind === "dir") throw refused(`${shown(workspace, path)} is a folder`)
  if (kind === "link") throw refused(`${shown(workspace, path)} became a symbolic link`)
  if (kind === "file" && (mode & 0o222) === 0) throw refused(`${shown(workspace, path)} is read-only`)
  return captured
}

/** A unified diff; null where there is none to show (binary, too large, too different). */
export const previewOf = (name: string, before: Uint8Array | null, after: Uint8Array): string | null => {
  const old = textOf(before ?? new Uint8Array())
  const now = textOf(after)
  if ("binary" in old || "binary" in now || after.length + (before?.length ?? 0) > 4 * 1024 * 1024)
    return null
  const patch = createTwoFilesPatch(
    before === null ? "/dev/null" : name,
    name,
    old.text,
    now.text,
    undefined,
    undefined,
    { context: 3, maxEditLength: 4000, timeout: 200 },
  ) as string | undefined
  if (patch === undefined) return null
  return patch.length > maxPreview ? `${patch.slice(0, maxPreview)}\n[cut]\n` : patch
}

/** Folders that have to be made, outermost first. */
export const missingFolders = async (path: string, workspace: string): Promise<ReadonlyArray<string>> => {
  const missing: Array<string> = []
  for (
    let folder = dirname(path);
    folder !== workspace && inside(workspace, folder);
    folder = dirname(folder)
  ) {
    const found = await lstat(folder).catch((error) => {
      if (codeOf(error) === "ENOENT") return null
      throw error
    })
    if (found !== null) break
    missing.unshift(folder)
  }
  return missing
}

const ownerOf = async (entry: string): Promise<{ readonly uid: number; readonly gid: number } | null> => {
  const found = await lstat(entry).catch(() => null)
  return found === null ? null : { uid: found.uid, gid: found.gid }
}

const absent = (path: string): PathState => ({
  path,
  kind: "absent",
  mode: 0,
  mtimeNs: "0",
  bytes: 0,
  hash: null,
})

export const replacePlan = (
  options: {
    readonly path: string
    readonly workspace: string
    readonly before: Captured
    readonly content: Uint8Array
    readonly summary: string
  },
  settings: ActSettings,
): Effect.Effect<ToolPlan, ToolError> =>
  Effect.gen(function* () {
    const { path, workspace, before, content } = options
    const name = shown(workspace, path)
    const folders = yield* attempt(`look at ${name}`, () => missingFolders(path, workspace))
    const kept = before.bytes === null || !settings.holdsSecret(before.bytes)
    const touched = [...folders, path]
    const states = async (): Promise<ReadonlyArray<PathState>> => {
      const all = await Promise.all(touched.map((one) => capture(one, [workspace], maxBytes)))
      return all
        .map(({ state }) => state)
        .filter((state) => !sameState(state, state.path === path ? before.state : absent(state.path), true))
    }
    const unchanged = async (): Promise<void> => {
      const now = await captureFile(path, workspace)
      if (!sameState(now.state, before.state, true)) {
        throw refused(`${name} changed since this was planned; nothing was written`)
      }
    }
    const write = async (): Promise<void> => {
      await unchanged()
      for (const folder of folders) {
        await inFolder(folder, [workspace], (entry) => mkdir(entry)).catch((error) => {
          if (codeOf(error) !== "EEXIST") throw error
        })
      }
      await inFolder(path, [workspace], async (entry, folder) => {
        const owner = await ownerOf(entry)
        const mode = before.state.kind === "file" ? before.state.mode : null
        await replaceFile(entry, folder, { bytes: content, mode, owner }, unchanged)
        await syncFolder(folder)
      })
    }
    const keeping = kept && mergeBase(content, settings.holdsSecret) ? { kept: [content] } : {}
    const run = attempt(`write ${name}`, write).pipe(
      Effect.andThen(attempt(`look at ${name}`, states)),
      Effect.map((after) =>
        textResult(`${name}: ${content.length} bytes written`, settings, { after, ...keeping }),
      ),
      Effect.uninterruptible,
    )
    return {
      summary: options.summary,
      preview: previewOf(name, before.state.kind === "absent" ? null : before.bytes, content),
      sandbox: "not-needed",
      commands: [],
      reads: [{ path, hash: before.state.hash }],
      opens: [path],
      undo: {
        possible: kept,
        reason: kept ? null : `${name} holds a secret, which the log must not keep`,
        before: kept ? [...folders.map(absent), before.state] : [],
        refs: {},
      },
      blobs: kept && before.bytes !== null ? [before.bytes] : [],
      aftermath: attempt(`look at ${name}`, states).pipe(
        Effect.map((after) => ({ after, refs: {}, ...keeping })),
        Effect.orElseSucceed(() => unknownAftermath),
      ),
      run,
    } satisfies ToolPlan
  })
