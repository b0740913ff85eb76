/**
 * What a verifying process does: opens the log for reading, checks what it was asked to, and prints what it found as
 * lines of JSON (see `verifier.ts`). It may die of a damaged file: whoever started it knows.
 */
import { existsSync, statSync } from "node:fs"
import { randomInt } from "node:crypto"
import { join } from "node:path"
import { Schema } from "effect"
import { checkArchives } from "./archiveCheck.ts"
import { zeroHash } from "./canonical.ts"
import { checkDirectory } from "./directory.ts"
import { dataFile, type LmdbBackend, lmdbBackend, MissingTable } from "./LmdbBackend.ts"
import type { VerifyReport } from "./LogStore.ts"
import { decodeHead, emptyHead, headRecord, type StoredHead } from "./records.ts"
import { rehearseWrite } from "./rehearse.ts"
import { checkSegments, segmentGap } from "./segmentCheck.ts"
import { listSegments, type SegmentFile } from "./segments.ts"
import { checkPart, Part, type PartReport, planOf } from "./verifyParts.ts"
import { Verification } from "./verify.ts"

/** `part`: a range of a large log; the others as in `VerifyMode`. */
export type ChildMode = "quick" | "full" | "part"
const quickEvents = 1000
const progressMs = 100

const report = (fault: VerifyReport["failure"]): VerifyReport => ({
  events: 0,
  head: { seq: 0, hash: zeroHash, at: null },
  ok: fault === null,
  failure: fault,
})
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const Division = Schema.Struct({ processes: Schema.Natural, atLeast: Schema.Natural })
const Detail = Schema.fromJsonString(Schema.Union([Division, Part, Schema.Struct({})]))
const undivided = { processes: 1, atLeast: 0 }
const decodeDetail = Schema.decodeUnknownSync(Detail)

type Opened =
  | { readonly report: VerifyReport }
  | { readonly plan: { readonly head: StoredHead; readonly parts: ReadonlyArray<Part> } }

const open = (
  backend: LmdbBackend,
  mode: ChildMode,
  { processes, atLeast }: typeof Division.Type,
): Opened => {
  if (backend.walk() === 0) return { report: report(null) }
  const record = backend.record(headRecord)
  const head = record === undefined ? emptyHead : decodeHead(record)
  if (head === undefined) return { report: report({ seq: 0, message: "the head record cannot be read" }) }
  const newest = backend.chunkAt(2 ** 32 - 1)
  if (head.seq === 0 && newest !== undefined)
    return { report: report({ seq: 1, message: "there are events, but the log's head says it is empty" }) }
  if (mode === "full" && processes > 1 && head.seq >= atLeast) {
    const seed = [randomInt(2 ** 32), randomInt(2 ** 32)] as const
    return { plan: { head, parts: planOf(backend, head, processes, seed) } }
  }
  const verification = new Verification(
    backend,
    head,
    mode === "quick" ? { from: Math.max(head.seq - quickEvents + 1, 1) } : {},
  )
  while (!verification.done) verification.step()
  return { report: verification.report }
}

const findings = async (
  dir: string,
  mode: ChildMode,
  detail: string,
  print: (line: unknown) => void,
): Promise<Opened | { readonly part: PartReport }> => {
  let segments: ReadonlyArray<SegmentFile> = []
  const empty = () =>
    report(
      segments.length === 0
        ? null
        : { seq: 0, message: `${dataFile} is gone or empty, but the log's segments are there` },
    )
  try {
    const asked = decodeDetail(detail)
    checkDirectory(dir)
    segments = await listSegments(dir)
    const path = join(dir, dataFile)
    if (!existsSync(path) || statSync(path).size === 0) return { report: empty() }
    const backend = lmdbBackend({ dir, readOnly: true })
    let failure: VerifyReport["failure"]
    let found: VerifyReport
    try {
      if ("from" in asked) return { part: await partOf(backend, asked, dir, segments, print) }
      const opened = open(backend, mode, "processes" in asked ? asked : undivided)
      if ("plan" in opened) return opened
      found = opened.report
      const ofSegments = found.ok
        ? await checkSegments(backend, found.head.seq, segments, mode === "quick" ? "quick" : "full")
        : found.failure
      failure =
        ofSegments === null && mode === "full"
          ? (segmentGap(segments) ?? (await checkArchives(backend, found.head.seq, dir)))
          : ofSegments
    } finally {
      await backend.close()
    }
    if (failure === null && mode === "quick") rehearseWrite(path)
    return { report: { ...found, ok: failure === null, failure } }
  } catch (error) {
    if (error instanceof MissingTable && error.isNew) return { report: empty() }
    return { report: report({ seq: 0, message: messageOf(error) }) }
  }
}

const partOf = (
  backend: LmdbBackend,
  part: Part,
  dir: string,
  segments: ReadonlyArray<SegmentFile>,
  print: (line: unknown) => void,
): Promise<PartReport> => {
  let checked = 0
  let printed = performance.now()
  return checkPart(backend, part, dir, segments, (events) => {
    checked += events
    if (performance.now() - printed < progressMs) return
    printed = performance.now()
    print({ checked })
  })
}

/** `args`: folder, mode, what else is to be known. `print` gets lines; resolves to the exit code. */
export const runVerifyChild = async (
  [dir = "", mode = "full", detail = "{}"]: ReadonlyArray<string>,
  print: (line: string) => void,
): Promise<number> => {
  const asked = mode === "quick" || mode === "part" ? mode : "full"
  const found = await findings(dir, asked, detail, (line) => print(JSON.stringify(line)))
  print(JSON.stringify(found))
  return "report" in found && !found.report.ok ? 1 : 0
}
