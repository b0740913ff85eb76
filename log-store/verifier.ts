/**
 * Verification in processes of their own: opening a damaged file can kill the process that maps it, and reading the whole
 * of a large one takes time. A child prints a line of JSON, what it found; one that died of a signal, or said
 * nothing, met damage. A large log is divided among several (see `verifyParts.ts`). Invariant: a child only reads.
 */
import { spawn } from "node:child_process"
import { availableParallelism } from "node:os"
import { createInterface } from "node:readline"
import { Effect, Schema } from "effect"
import { zeroHash } from "./canonical.ts"
import { Damaged, LogError, type VerifyReport } from "./LogStore.ts"
import { HeadFields } from "./records.ts"
import type { ChildMode } from "./verifyDirectory.ts"
import { mayBeShared } from "./verify.ts"
import { Part, PartReport, together, worthParts } from "./verifyParts.ts"

/** `quick`: every key and the newest events, for opening; `full`: everything. */
export type VerifyMode = "quick" | "full"

export interface VerifyOptions {
  /** Processes for a large log; as many as there are cores where it is not given. */
  readonly processes?: number
  /** Events from which on a log is divided among them. */
  readonly atLeast?: number
  /** Told now and then how many events of how many were checked. */
  readonly progress?: (checked: number, events: number) => void
  /** Told at the end how long the slowest of the processes took, without its start. */
  readonly took?: (ms: number) => void
}

const ReportFields = Schema.Struct({
  events: Schema.Natural,
  head: Schema.Struct({ seq: Schema.Natural, hash: Schema.String, at: Schema.NullOr(Schema.String) }),
  ok: Schema.Boolean,
  failure: Schema.NullOr(Schema.Struct({ seq: Schema.Natural, message: Schema.String })),
})
const Plan = Schema.Struct({ head: HeadFields, parts: Schema.Array(Part) })
/** What a child says: now and then how far it is, and at its end what it found, or how the work is to be divided. */
const Line = Schema.fromJsonString(
  Schema.Union([
    Schema.Struct({ checked: Schema.Natural }),
    Schema.Struct({ report: ReportFields }),
    Schema.Struct({ plan: Plan }),
    Schema.Struct({ part: PartReport }),
  ]),
)
type Said = Exclude<typeof Line.Type, { readonly checked: number }>
const decodeLine = Schema.decodeUnknownOption(Line)

const broken = (message: string): VerifyReport => ({
  events: 0,
  head: { seq: 0, hash: zeroHash, at: null },
  ok: false,
  failure: { seq: 0, message },
})

/** How a child ended that did not say what it found. */
interface Silence {
  readonly how: string
}

/** Runs `execPath ...args DIR MODE DETAIL`. */
const runChild = (
  execPath: string,
  args: ReadonlyArray<string>,
  dir: string,
  mode: ChildMode,
  detail: unknown,
  progress: (checked: number) => void,
): Effect.Effect<Said | Silence> =>
  Effect.callback((resume) => {
    const child = spawn(execPath, [...args, dir, mode, JSON.stringify(detail)], {
      env: {},
      stdio: ["ignore", "pipe", "ignore"],
      windowsHide: true,
    })
    let said: Said | undefined
    const lines = createInterface({ input: child.stdout })
    lines.on("line", (text) => {
      const line = decodeLine(text)
      if (line._tag === "None") return
      if ("checked" in line.value) progress(line.value.checked)
      else said = line.value
    })
    const end = (how: string) => resume(Effect.succeed(said ?? { how }))
    child.once("error", (error) => end(`failed (${error.message})`))
    child.once("close", (code, signal) => {
      if (signal !== null) return end(`was killed by ${signal}`)
      end(code === 0 ? "said nothing" : `failed (exit code ${code})`)
    })
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  })

/**
 * Succeeds with what the children found, whether good or bad; one that was killed by a signal or printed nothing gives a
 * report of damage too.
 */
export const verifyInChild = (
  execPath: string,
  args: ReadonlyArray<string>,
  dir: string,
  mode: VerifyMode = "full",
  options: VerifyOptions = {},
): Effect.Effect<VerifyReport> =>
  Effect.gen(function* () {
    const processes = options.processes ?? availableParallelism()
    const atLeast = options.atLeast ?? worthParts
    const first = yield* runChild(execPath, args, dir, mode, { processes, atLeast }, () => undefined)
    if ("how" in first) return broken(`the process that opened it ${first.how}: its file is damaged`)
    if ("report" in first) return first.report
    if ("part" in first) return broken("the process that opened it answered what was not asked")
    const { head, parts } = first.plan
    const checkAll = (chosen: ReadonlyArray<Part>) => {
      const checked = chosen.map(() => 0)
      return Effect.forEach(
        chosen,
        (part, n) =>
          runChild(execPath, args, dir, "part", part, (events) => {
            checked[n] = events
            options.progress?.(
              checked.reduce((sum, one) => sum + one, 0),
              head.seq,
            )
          }),
        { concurrency: "unbounded" },
      )
    }
    const conclude = (said: ReadonlyArray<Said | Silence>): VerifyReport | "index" => {
      const reports: Array<PartReport> = []
      for (const [n, one] of said.entries()) {
        if ("part" in one) {
          reports.push(one.part)
          if (one.part.fault !== null) break
          continue
        }
        const { from, to } = parts[n]!
        const how = "how" in one ? one.how : "answered what was not asked"
        const message = `the process that read events ${from} to ${to} ${how}: its file is damaged`
        const { seq, hash, at } = head
        const events = reports.reduce((sum, part) => sum + part.events, 0)
        return { events, head: { seq, hash, at }, ok: false, failure: { seq: from, message } }
      }
      return together(head, reports)
    }
    const said = yield* checkAll(parts)
    options.took?.(Math.max(...said.map((one) => ("part" in one ? one.part.ms : 0))))
    const found = conclude(said)
    if (found !== "index" && mayBeShared(found.failure)) {
      const alone = yield* runChild(execPath, args, dir, mode, { processes: 1, atLeast }, () => undefined)
      return "report" in alone ? alone.report : found
    }
    if (found !== "index") return found
    // Which chunk the index does not lead to is found by looking for each key.
    const again = conclude(yield* checkAll(parts.map((part) => ({ ...part, sums: null }))))
    return again === "index" ? broken("the index cannot be read") : again
  })

/** The same as a gate before opening: fails with `Damaged` where anything is wrong. */
export const probeInChild = (
  execPath: string,
  args: ReadonlyArray<string>,
  dir: string,
): Effect.Effect<VerifyReport, LogError> =>
  verifyInChild(execPath, args, dir, "quick").pipe(
    Effect.filterOrFail(
      (found) => found.failure === null,
      ({ failure }) =>
        new LogError({
          reason: new Damaged({
            seq: failure!.seq === 0 ? null : failure!.seq,
            message: `The log in ${dir} is damaged: ${failure!.message}. It can be recovered from its segments.`,
          }),
        }),
    ),
  )
