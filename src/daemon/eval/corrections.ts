/**
 * Scores the corrections on a table of commands and what they printed. A row is due where it expects a line; right is
 * any line it lists as acceptable (where only the first of its list was ever checked, only that one). Top-1 and top-3
 * are over the due rows that name a line; recall is a proposal at all. Silent rows count whichever rule speaks.
 * Scored end to end: rows that rest on less than a whole command and its output are passed over. Always speaking
 * is taken as proposing the same line again.
 */
import { Clock, Effect, FileSystem, Schema } from "effect"
import { correct, type Corrected } from "../../decide/corrections/correct.ts"
import type { Memory } from "../../decide/Decider.ts"
import { CorrectionContext, editorOf, factsOfContext, memoryOfContext } from "./correctionFacts.ts"
import { decodeJsonLines } from "./jsonLines.ts"

const Lines = Schema.Array(Schema.String)

export const CorrectionRow = Schema.Struct({
  id: Schema.String,
  rule: Schema.String,
  kind: Schema.Literals(["match", "no_match", "correction"]),
  command: Schema.String,
  output: Schema.String,
  expected: Schema.optionalKey(Schema.Union([Schema.Boolean, Lines])),
  accept: Schema.optionalKey(Lines),
  produced: Schema.optionalKey(Schema.NullOr(Lines)),
  asserted: Schema.optionalKey(Schema.String),
  end_to_end: Schema.optionalKey(Schema.Boolean),
  silent: Schema.optionalKey(Schema.Boolean),
  context: Schema.optionalKey(CorrectionContext),
})
export type CorrectionRow = typeof CorrectionRow.Type

export interface Agreement {
  readonly recall: number
  readonly top1: number
  readonly top3: number
  readonly falseFires: number
}

export interface CorrectionsScore extends Agreement {
  readonly v: 1
  readonly name: "corrections"
  readonly rows: number
  readonly due: number
  readonly silentRows: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly baselines: { readonly alwaysSilent: Agreement; readonly alwaysSpeak: Agreement }
  readonly failures: ReadonlyArray<{
    readonly id: string
    readonly rule: string
    readonly kind: CorrectionRow["kind"]
    readonly command: string
    readonly expected: ReadonlyArray<string>
    readonly proposed: ReadonlyArray<{ readonly rule: string; readonly command: string }>
  }>
}

const isDue = (row: CorrectionRow): boolean =>
  row.end_to_end !== false &&
  (row.kind === "match" ||
    (row.kind === "correction" && Array.isArray(row.expected) && row.expected.length > 0))
const isSilent = (row: CorrectionRow): boolean => row.silent ?? row.kind === "no_match"

/** Lines that would be right; empty where the row does not say. */
const acceptable = (row: CorrectionRow): ReadonlyArray<string> => {
  if (row.accept !== undefined) return row.accept
  const lines = typeof row.expected === "object" ? row.expected : (row.produced ?? [])
  return row.asserted === "first" ? lines.slice(0, 1) : lines
}

const ratio = (part: number, whole: number): number =>
  whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000

const percentile = (times: ReadonlyArray<number>, share: number): number => {
  const sorted = times.toSorted((a, b) => a - b)
  const at = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  return Math.round(at * 1_000) / 1_000
}

const same = (line: string): string => line.trim().replace(/\s+/g, " ")

const correctRow = (row: CorrectionRow, memory: Memory): ReadonlyArray<Corrected> => {
  const editor = editorOf(row.context)
  return correct(
    { command: row.command, output: row.output, dir: ".", ...(editor === null ? {} : { editor }) },
    factsOfContext(row.context ?? {}),
    memory,
  )
}

export const scoreCorrections = (
  rows: ReadonlyArray<CorrectionRow>,
  nowMs: () => number,
): CorrectionsScore => {
  const times: Array<number> = []
  const failures: Array<CorrectionsScore["failures"][number]> = []
  const count = { due: 0, named: 0, spoke: 0, first: 0, three: 0, silent: 0, fired: 0, echoed: 0 }
  for (const row of rows) {
    const due = isDue(row)
    const silent = isSilent(row) && row.end_to_end !== false
    if (!due && !silent) continue
    const memory = memoryOfContext(row.context ?? {})
    const start = nowMs()
    const proposed = correctRow(row, memory)
    times.push(nowMs() - start)
    const right = acceptable(row).map(same)
    const lines = proposed.map(({ command }) => same(command))
    const isFirst = lines[0] !== undefined && right.includes(lines[0])
    if (due) {
      count.due += 1
      if (lines.length > 0) count.spoke += 1
      if (right.length > 0) {
        count.named += 1
        if (right.includes(same(row.command))) count.echoed += 1
        if (isFirst) count.first += 1
        if (lines.slice(0, 3).some((line) => right.includes(line))) count.three += 1
      }
    } else {
      count.silent += 1
      if (lines.length > 0) count.fired += 1
    }
    const failed = due ? (right.length === 0 ? lines.length === 0 : !isFirst) : lines.length > 0
    if (failed)
      failures.push({
        id: row.id,
        rule: row.rule,
        kind: row.kind,
        command: row.command,
        expected: right,
        proposed: proposed.slice(0, 3).map(({ rule, command }) => ({ rule, command })),
      })
  }
  return {
    v: 1,
    name: "corrections",
    rows: rows.length,
    due: count.due,
    recall: ratio(count.spoke, count.due),
    top1: ratio(count.first, count.named),
    top3: ratio(count.three, count.named),
    silentRows: count.silent,
    falseFires: count.fired,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
    baselines: {
      alwaysSilent: { recall: 0, top1: 0, top3: 0, falseFires: 0 },
      alwaysSpeak: {
        recall: 1,
        top1: ratio(count.echoed, count.named),
        top3: ratio(count.echoed, count.named),
        falseFires: count.silent,
      },
    },
    failures,
  }
}

const decodeRows = decodeJsonLines(CorrectionRow)

export const evalCorrections = Effect.fn("Eval.corrections")(function* (table: string) {
  const fs = yield* FileSystem.FileSystem
  const clock = yield* Clock.Clock
  const rows = yield* decodeRows(yield* fs.readFileString(table))
  return scoreCorrections(rows, () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6)
})
