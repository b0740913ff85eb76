/**
 * Files that a conversation is about: those attached to its words and those its calls name. Pure.
 * Invariants: relative to the workspace, none outside it; in the order they came up, each once; the newest where there are
 * too many.
 */
import { posix } from "node:path"
import type { Transcript } from "../session/transcript.ts"

const most = 200

/** Fields of calls that name one file or folder. */
const named = ["path", "file_path", "notebook_path", "file"] as const

const relativeTo = (workspace: string, cwd: string, path: string): string | null => {
  if (path === "" || path.length > 4_096 || path.includes("\0")) return null
  const whole = posix.resolve(cwd, path)
  return whole.startsWith(`${workspace}/`) ? whole.slice(workspace.length + 1) : null
}

/** `*** Update File: src/a.ts` and the like, and the heads of a unified diff. */
const inPatch = (patch: string): ReadonlyArray<string> =>
  [...patch.slice(0, 200_000).matchAll(/^(?:\*\*\* (?:Add|Update|Delete) File: |\+\+\+ b\/)(.+)$/gm)].map(
    (found) => found[1]!.trim(),
  )

const ofCall = (params: unknown): ReadonlyArray<string> => {
  if (typeof params !== "object" || params === null) return []
  const input = params as Readonly<Record<string, unknown>>
  const paths = named.flatMap((key) => (typeof input[key] === "string" ? [input[key]] : []))
  return typeof input["patch"] === "string" ? [...paths, ...inPatch(input["patch"])] : paths
}

export const touchedIn = ({ cwd, entries, workspace }: Transcript): ReadonlyArray<string> => {
  const paths = new Set<string>()
  for (const entry of entries) {
    const found =
      entry._tag === "said"
        ? entry.files.map(({ path }) => path)
        : entry._tag === "answered"
          ? entry.parts.flatMap((part) => (part.type === "tool-call" ? ofCall(part.params) : []))
          : []
    for (const path of found) {
      const relative = relativeTo(workspace, cwd, path)
      if (relative !== null) paths.add(relative)
    }
  }
  return [...paths].slice(-most)
}
