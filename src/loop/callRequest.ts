/**
 * What may be asked for, before anything of it is logged or judged. Pure.
 * Invariants: what is wrong is said so that a model can mend it; a request that holds a secret is told by its tools'
 * names alone, because the log keeps every input.
 */
import type { ToolCall, Trust } from "../domain/action.ts"
import { CallError } from "../domain/callResult.ts"
import { nearest } from "../domain/nearest.ts"
import { neutralise } from "../domain/neutralise.ts"
import { readPatch } from "../domain/patch/readPatch.ts"
import { findSecrets, redactSecrets } from "../domain/secrets/findSecrets.ts"

/** Who asks, where, and for which conversation. */
export interface Caller {
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** `user:cli`, `agent`, a sub-agent's name ...: what rules call `actor`. */
  readonly actor: string
  /** Untrusted where anything it rests on could have been written by an outsider. */
  readonly trust: Trust
  readonly session: string | null
}

export interface CallRequest extends Caller {
  /**
   * `s_` and 16 hex digits, derived from what brought it about: where the log has such a request already, this is that one.
   * Absent: a fresh one.
   */
  readonly id?: string
  readonly calls: ReadonlyArray<ToolCall>
  /** Folder of the calls that name none; absent: the workspace. */
  readonly cwd?: string
  /** One line for the queue; absent: made of the calls. */
  readonly title?: string
  /** Id of the event that brought it about (a model's answer). */
  readonly causationId?: string
}

const mostCalls = 50
/** Of all calls as JSON: a call is kept in the log when it is asked for, judged and started. */
const mostBytes = 4 * 1024 * 1024
const titleLength = 160

export const inputError = (message: string): CallError => new CallError({ reason: "input", message })

const shortName = (name: string): string => JSON.stringify(neutralise(name.slice(0, 60)))

export const unknownTool = (name: string, names: ReadonlyArray<string>): CallError => {
  const near = nearest(name, names)
  return inputError(
    `there is no tool ${shortName(name)}${near === null ? `; there are ${names.join(", ")}` : `: did you mean ${near}?`}`,
  )
}

/** Null: nested deeper than can be written down. */
const jsonBytes = (calls: ReadonlyArray<ToolCall>): number | null => {
  try {
    return Buffer.byteLength(JSON.stringify(calls))
  } catch {
    return null
  }
}

/** What is wrong with the request as a whole; null where nothing is. */
export const requestFault = (calls: ReadonlyArray<ToolCall>): CallError | null => {
  if (calls.length === 0) return inputError("a request names at least one call")
  if (calls.length > mostCalls) return inputError(`a request has at most ${mostCalls} calls`)
  const bytes = jsonBytes(calls)
  if (bytes === null) return inputError("the input is nested too deep")
  return bytes > mostBytes
    ? inputError(
        `the input has ${bytes} bytes as JSON; at most ${mostBytes} are taken: write it in several calls`,
      )
    : null
}

export const located = (calls: ReadonlyArray<ToolCall>, cwd: string | undefined): ReadonlyArray<ToolCall> =>
  cwd === undefined ? calls : calls.map((call) => (call.cwd === undefined ? { ...call, cwd } : call))

const texts = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  return typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [key, ...texts(inner)])
    : []
}

export const holdsSecret = (calls: ReadonlyArray<ToolCall>): boolean =>
  findSecrets(JSON.stringify(calls)).length > 0 || texts(calls).some((text) => findSecrets(text).length > 0)

export const withoutInputs = (calls: ReadonlyArray<ToolCall>): ReadonlyArray<ToolCall> =>
  calls.map(({ tool, cwd }) => ({ tool, input: {}, ...(cwd === undefined ? {} : { cwd }) }))

/** What a patch is about, to people: the files it names; none where it cannot be read. */
const patchedPaths = (patch: string): ReadonlyArray<string> => {
  const read = readPatch(patch)
  return "problem" in read ? [] : read.parts.map(({ path }) => path)
}

/** A call in a line: its tool and the files of its patch, or the first text of its input. */
const callTitle = ({ tool, input }: ToolCall): string => {
  const paths = typeof input["patch"] === "string" ? patchedPaths(input["patch"]) : []
  if (paths.length > 0) return `${tool}: ${paths.join(", ").slice(0, titleLength)}`
  const first = Object.values(input).find((value) => typeof value === "string" && value !== "")
  return typeof first === "string" ? `${tool}: ${first.slice(0, titleLength)}` : tool
}

export const titleOf = (calls: ReadonlyArray<ToolCall>, given: string | undefined): string => {
  const title = given ?? calls.map(callTitle).join("; ")
  return neutralise(redactSecrets(title).replaceAll(/\s+/g, " ").trim()).slice(0, titleLength)
}
