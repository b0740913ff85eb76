/**
 * Programs in the foreground of a shell that wait for an answer at their terminal: told by `/proc` alone, so it costs no
 * shell anything. Reads only; where the system does not show it, nobody waits.
 * Invariants: a program waits only while it sleeps in a read that can be of nothing but its terminal (it has no socket
 * open); programs that talk with a person all the time, and shells without a script, are never said to wait.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import type { SpoolName } from "./spoolFormat.ts"

export interface WaitingProgram {
  readonly session: string
  readonly shell: SpoolName["shell"]
  /** The reading one. */
  readonly pid: number
  /** As it was started, first the one the shell waits for. */
  readonly program: string
  readonly cwd: string
  /** When the shell's job began, in ticks since boot: with its id what makes it the same one. */
  readonly started: string
}

const talking =
  /^(?:less|more|most|man|vim?|nvim|view|nano|pico|emacs|micro|hx|kak|ed|top|htop|btop|ssh|mosh|telnet|tmux.*|screen|irb|pry|psql|mysql|sqlite3|redis-cli|gdb|lldb|bc|cat|tee|fzf|sk|claude|claw|aider)$/
const shells = /^(?:ba|z|fi|da|k|c|tc)?sh$/
const interpreters = /^(?:python[\d.]*|node|deno|bun|ruby|perl|php|lua|R|julia|ghci)$/
const mostChildren = 20
const mostDescriptors = 256
const longest = 300

const read = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8")
  } catch {
    return null
  }
}

/** Behind the name, which may hold anything: state, parent, group, session, terminal, foreground group ... */
const fieldsOf = (proc: string, pid: number): ReadonlyArray<string> | null => {
  const stat = read(`${proc}/${pid}/stat`)
  return stat === null ? null : stat.slice(stat.lastIndexOf(")") + 2).split(" ")
}

const wordsOf = (proc: string, pid: number): ReadonlyArray<string> =>
  (read(`${proc}/${pid}/cmdline`) ?? "").split("\0").filter((word) => word !== "")

const link = (file: string): string => {
  try {
    return readlinkSync(file)
  } catch {
    return ""
  }
}

const readsTerminal = (proc: string, pid: number): boolean => {
  const where = read(`${proc}/${pid}/wchan`)
  if (where !== "n_tty_read" && where !== "wait_woken") return false
  try {
    const descriptors = readdirSync(`${proc}/${pid}/fd`)
    const targets = descriptors.slice(0, mostDescriptors).map((name) => link(`${proc}/${pid}/fd/${name}`))
    return (
      descriptors.length <= mostDescriptors &&
      targets.some((target) => /^\/dev\/(?:pts\/\d+|tty\w*)$/.test(target)) &&
      !targets.some((target) => target.startsWith("socket:"))
    )
  } catch {
    return false
  }
}

/** It asks now and then, and is not a conversation. */
const asks = (words: ReadonlyArray<string>): boolean => {
  const name = (words[0] ?? "").replace(/^-/, "").split("/").at(-1)!
  if (name === "" || talking.test(name)) return false
  return shells.test(name) || interpreters.test(name) ? words.length > 1 && words[1] !== "-i" : true
}

const familyOf = (proc: string, leader: number): ReadonlyArray<number> => {
  const family = [leader]
  for (let at = 0; at < family.length && family.length < mostChildren; at += 1) {
    const children = read(`${proc}/${family[at]}/task/${family[at]}/children`) ?? ""
    family.push(...children.trim().split(/\s+/).filter(Boolean).map(Number))
  }
  return family.slice(0, mostChildren)
}

/** What waits in the foreground of this shell; null: nothing that could be told. */
export const waitingProgram = (name: SpoolName, proc = "/proc"): WaitingProgram | null => {
  const shell = fieldsOf(proc, name.pid)
  const foreground = Number(shell?.[5])
  if (shell === null || !(foreground > 0) || shell[2] === shell[5]) return null
  const leader = fieldsOf(proc, foreground)
  const words = wordsOf(proc, foreground)
  if (leader === null || !asks(words)) return null
  const reader = familyOf(proc, foreground).find(
    (pid) => fieldsOf(proc, pid)?.[2] === shell[5] && readsTerminal(proc, pid),
  )
  const cwd = link(`${proc}/${foreground}/cwd`)
  if (reader === undefined || !asks(wordsOf(proc, reader)) || !cwd.startsWith("/")) return null
  return {
    session: name.session,
    shell: name.shell,
    pid: reader,
    program: [...words.join(" ")].slice(0, longest).join(""),
    cwd,
    started: leader[19] ?? "",
  }
}

/** Waits this long before it is worth a word. */
export const waitsMs = 45_000

export interface Waits extends WaitingProgram {
  readonly waitedMs: number
}

/** Says of each once, after it has been seen to wait all the time. */
export class WaitingPrograms {
  readonly #proc: string
  readonly #since = new Map<string, { readonly key: string; readonly sinceMs: number; said: boolean }>()

  constructor(proc = "/proc") {
    this.#proc = proc
  }

  look(names: ReadonlyArray<SpoolName>, nowMs: number): ReadonlyArray<Waits> {
    const live = new Set(names.map(({ session }) => session))
    for (const session of this.#since.keys()) if (!live.has(session)) this.#since.delete(session)
    return names.flatMap((name) => {
      const waiting = waitingProgram(name, this.#proc)
      if (waiting === null) {
        this.#since.delete(name.session)
        return []
      }
      const key = `${waiting.pid} ${waiting.started}`
      const known = this.#since.get(name.session)
      if (known?.key !== key) {
        this.#since.set(name.session, { key, sinceMs: nowMs, said: false })
        return []
      }
      const waitedMs = nowMs - known.sinceMs
      if (known.said || waitedMs < waitsMs) return []
      known.said = true
      return [{ ...waiting, waitedMs }]
    })
  }
}
