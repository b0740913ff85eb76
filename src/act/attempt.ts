/**
 * Where promises and system errors become `ToolError`s: one message a person can act on, never a stack.
 * A `ToolError` thrown inside passes as it is; everything else is `failed`, with the path and the system's reason.
 */
import { Effect } from "effect"
import { neutralise } from "../domain/neutralise.ts"
import { ToolError } from "./Tool.ts"

const meanings: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EISDIR: "is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ELOOP: "is a symbolic link",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EDQUOT: "the quota is used up",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
}

export const codeOf = (error: unknown): string | null =>
  typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null

export const messageOf = (error: unknown): string => {
  const code = codeOf(error)
  if (code !== null && meanings[code] !== undefined) return `${meanings[code]} (${code})`
  return neutralise(error instanceof Error ? error.message : String(error)).slice(0, 500)
}

export const refused = (message: string): ToolError => new ToolError({ reason: "refused", message })
export const wrongInput = (message: string): ToolError => new ToolError({ reason: "input", message })

/** `what` names the thing that was tried, for the message: "read src/a.ts". */
export const attempt = <A>(
  what: string,
  run: (signal: AbortSignal) => Promise<A>,
): Effect.Effect<A, ToolError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) =>
      error instanceof ToolError
        ? error
        : new ToolError({ reason: "failed", message: `${neutralise(what)}: ${messageOf(error)}` }),
  })
