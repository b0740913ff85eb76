/**
 * Verification in a process of its own: opening a damaged file can kill the process that maps it, and reading the whole
 * of a large one takes time. The child prints one line, a `VerifyReport`; a child that died of a signal, or
 * said nothing, met damage. Invariant: the child only reads.
 */
import { execFile } from "node:child_process"
import { existsSync, statSync } from "node:fs"
import { join } from "node:path"
import { Effect, Schema } from "effect"
import { checkArchives } from "./archiveCheck.ts"
import { zeroHash } from "./canonical.ts"
import { checkDirectory } from "./directory.ts"
import { dataFile, type LmdbBackend, lmdbBackend, MissingTable } from "./LmdbBackend.ts"
import { Damaged, LogError, type VerifyReport } from "./LogStore.ts"
import { decodeHead, emptyHead, headRecord } from "./records.ts"
import { checkSegments } from "./segmentCheck.ts"
import { listSegments, type SegmentFile } from "./segments.ts"
import { Verification } from "./verify.ts"

/** `quick`: every key and the newest events, for opening; `full`: everything. */
export type VerifyMode = "quick" | "full"
const quickEvents = 1000

const report = (fault: VerifyReport["failure"]): VerifyReport => ({
  events: 0,
  head: { seq: 0, hash: zeroHash, at: null },
  ok: fault === null,
  failure: fault,
})
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const verifyOpen = (backend: LmdbBackend, mode: VerifyMode): VerifyReport => {
  if (backend.walk() === 0) return report(null)
  const record = backend.record(headRecord)
  const head = record === undefined ? emptyHead : decodeHead(record)
  if (head === undefined) return report({ seq: 0, message: "the head record cannot be read" })
  const newest = backend.chunkAt(2 ** 32 - 1)
  if (head.seq === 0 && newest !== undefined)
    return report({ seq: 1, message: "there are events, but the log's head says it is empty" })
  const verification = new Verification(
    backend,
    head,
    mode === "quick" ? { from: Math.max(head.seq - quickEvents + 1, 1) } : {},
  )
  while (!verification.done) verification.step()
  return verification.report
}

const verifyDirectory = async (dir: string, mode: VerifyMode): Promise<VerifyReport> => {
  let segments: ReadonlyArray<SegmentFile> = []
  const empty = () =>
    report(
      segments.length === 0
        ? null
        : { seq: 0, message: `${dataFile} is gone or empty, but the log's segments are there` },
    )
  try {
    checkDirectory(dir)
    segments = await listSegments(dir)
    const path = join(dir, dataFile)
    if (!existsSync(path) || statSync(path).size === 0) return empty()
    const backend = lmdbBackend({ dir, readOnly: true })
    try {
      const found = verifyOpen(backend, mode)
      const ofSegments = found.ok
        ? await checkSegments(backend, found.head.seq, segments, mode)
        : found.failure
      const failure =
        ofSegments === null && mode === "full"
          ? await checkArchives(backend, found.head.seq, dir)
          : ofSegments
      return { ...found, ok: failure === null, failure }
    } finally {
      await backend.close()
    }
  } catch (error) {
    if (error instanceof MissingTable && error.isNew) return empty()
    return report({ seq: 0, message: messageOf(error) })
  }
}

/** What the child does. `print` gets one line; resolves to the exit code. */
export const runVerifyChild = async (
  dir: string,
  mode: VerifyMode,
  print: (line: string) => void,
): Promise<number> => {
  const result = await verifyDirectory(dir, mode)
  print(JSON.stringify(result))
  return result.ok ? 0 : 1
}

const ReportJson = Schema.fromJsonString(
  Schema.Struct({
    events: Schema.Natural,
    head: Schema.Struct({ seq: Schema.Natural, hash: Schema.String, at: Schema.NullOr(Schema.String) }),
    ok: Schema.Boolean,
    failure: Schema.NullOr(Schema.Struct({ seq: Schema.Natural, message: Schema.String })),
  }),
)
const decodeReport = Schema.decodeUnknownOption(ReportJson)

/**
 * Runs the child: `execPath ...args DIR MODE`. Succeeds with what it found, whether good or bad; a child that was killed by
 * a signal or printed nothing gives a report of damage too.
 */
export const verifyInChild = (
  execPath: string,
  args: ReadonlyArray<string>,
  dir: string,
  mode: VerifyMode = "full",
): Effect.Effect<VerifyReport> =>
  Effect.callback((resume) => {
    const child = execFile(
      execPath,
      [...args, dir, mode],
      { env: {}, maxBuffer: 2 ** 20, windowsHide: true },
      (error, stdout) => {
        const found = decodeReport(stdout.trim())
        if (found._tag === "Some") return resume(Effect.succeed(found.value))
        const how =
          error === null
            ? "said nothing"
            : typeof error.signal === "string"
              ? `was killed by ${error.signal}`
              : `failed (${error.message.split("\n")[0]})`
        resume(
          Effect.succeed(
            report({ seq: 0, message: `the process that opened it ${how}: its file is damaged` }),
          ),
        )
      },
    )
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
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
