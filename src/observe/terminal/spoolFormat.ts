/**
 * The spool's format, which hooks write and the source reads. One file per shell process, `<shell>-<pid>-<start>`
 * with the start in microseconds since the epoch, in a 0700 directory; a name is never used twice.
 * A record is one finished command:
 *   c US ended US milliseconds US exit US author US length US cwd US command RS LF
 *   w US means US ended US ...: the same, and how its output can be seen (`output/means.ts`)
 * `ended` in seconds (decimals after `.` or `,`), `author` user or agent, `length` that of the whole command of
 * which at most 1,800 characters follow. The command is the last field, so it may hold US; hooks never write RS LF
 * inside it, nor a record whose cwd holds US or RS. Numbers may carry white space (fish ends them with LF).
 */
import { Buffer } from "node:buffer"

export type Shell = "zsh" | "bash" | "fish"
export const shells: ReadonlyArray<Shell> = ["zsh", "bash", "fish"]

const maximumCommand = 1_800
/** Longer than a hook writes them. */
const maximumMeans = 450
/** Above this a record cannot be a hook's: 1,800 characters of four bytes and a path, with room. */
export const maximumRecord = 65_536
/** RS LF. */
export const terminator = Buffer.from([0x1e, 0x0a])

export interface SpoolName {
  readonly shell: Shell
  readonly pid: number
  readonly startedMs: number
  readonly session: string
}

const spoolName = /^(zsh|bash|fish)-(\d{1,10})-(\d{13,20})$/

export const parseSpoolName = (name: string): SpoolName | null => {
  const found = spoolName.exec(name)
  if (found === null) return null
  return {
    shell: found[1] as Shell,
    pid: Number(found[2]),
    startedMs: Math.floor(Number(found[3]) / 1000),
    session: name,
  }
}

export interface SpoolRecord {
  readonly command: string
  readonly cwd: string
  readonly exit: number
  readonly durationMs: number
  /** The latest it can have ended: shells without a clock of their own tell whole seconds, cut off. */
  readonly endedMs: number
  readonly authorKind: "user" | "agent"
  readonly truncated: boolean
  /** As the hook wrote it; empty: there is none. */
  readonly means: string
}

const decoder = new TextDecoder("utf-8")
const seconds = /^\d{9,11}([.,]\d{1,12})?$/
/** The last millisecond that a time told in whole seconds may mean. */
const restOfSecondMs = 999
const integer = /^\d{1,15}$/

const latestMs = (ended: string): number => {
  const ms = Math.round(Number(ended.replace(",", ".")) * 1000)
  return /[.,]/.test(ended) ? ms : ms + restOfSecondMs
}

/** The record in these bytes (without RS LF), or null where they are none. Bytes that are no UTF-8 become U+FFFD. */
export const parseRecord = (bytes: Uint8Array, shell: Shell): SpoolRecord | null => {
  if (bytes.length > maximumRecord) return null
  const [kind, ...all] = decoder.decode(bytes).split("\u001f")
  if (kind !== "c" && kind !== "w") return null
  const means = kind === "w" ? all[0]! : ""
  const fields = kind === "w" ? all.slice(1) : all
  if (fields.length < 7) return null
  const [ended, duration, exit, author, length] = fields.slice(0, 5).map((field) => field.trim())
  const cwd = fields[5]!
  let command = fields.slice(6).join("\u001f")
  if (shell === "fish" && command.endsWith("\n")) command = command.slice(0, -1)
  if (!seconds.test(ended!) || !integer.test(exit!) || !integer.test(length!)) return null
  if (!/^-?\d{1,15}$/.test(duration!) || (author !== "user" && author !== "agent")) return null
  if (!cwd.startsWith("/") || cwd.length > 4096 || command.trim() === "") return null
  const characters = [...command]
  const truncated = Number(length) > maximumCommand || characters.length > maximumCommand
  return {
    command: characters.length > maximumCommand ? characters.slice(0, maximumCommand).join("") : command,
    cwd,
    exit: Number(exit),
    durationMs: Math.max(0, Number(duration)),
    endedMs: latestMs(ended!),
    authorKind: author,
    truncated,
    means: means.length > maximumMeans ? "" : means.trim(),
  }
}
