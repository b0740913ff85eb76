/**
 * The audit of checkpoints and anchors in a process of its own, beside the verification of the chain (`verifier.ts`) and for
 * the same reasons. What anchors say comes in on standard input, because only the parent may ask git and the
 * keychain. Invariant: the child only reads; one that dies or says nothing met damage.
 */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { Effect, Schema } from "effect"
import { checkDirectory } from "../directory.ts"
import { dataFile, lmdbBackend } from "../LmdbBackend.ts"
import { decodeHead, emptyHead, headRecord } from "../records.ts"
import { Audit } from "./Audit.ts"
import type { Evidence, ProofReport } from "./evidence.ts"

const Fault = Schema.NullOr(Schema.Struct({ seq: Schema.Natural, message: Schema.String }))
const EvidenceJson = Schema.fromJsonString(
  Schema.Struct({
    publicKey: Schema.NullOr(Schema.String),
    anchors: Schema.Array(
      Schema.Struct({
        to: Schema.String,
        notes: Schema.Array(Schema.Struct({ where: Schema.String, text: Schema.String })),
        problem: Schema.NullOr(Schema.String),
        isAsked: Schema.Boolean,
      }),
    ),
  }),
)
const ReportJson = Schema.fromJsonString(
  Schema.Struct({
    checkpoints: Schema.Natural,
    newest: Schema.NullOr(Schema.Natural),
    keys: Schema.Array(Schema.String),
    anchors: Schema.Array(
      Schema.Struct({
        to: Schema.String,
        checkpoints: Schema.Natural,
        newest: Schema.NullOr(Schema.Natural),
        failure: Fault,
      }),
    ),
    failure: Fault,
  }),
)
const decodeEvidence = Schema.decodeUnknownSync(EvidenceJson)
const decodeReport = Schema.decodeUnknownOption(ReportJson)

const failed = (message: string): ProofReport => ({
  checkpoints: 0,
  newest: null,
  keys: [],
  anchors: [],
  failure: { seq: 0, message },
})
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const auditDirectory = async (dir: string, evidence: Evidence): Promise<ProofReport> => {
  checkDirectory(dir)
  if (!existsSync(join(dir, dataFile))) return failed(`${join(dir, dataFile)} is gone`)
  const backend = lmdbBackend({ dir, readOnly: true })
  try {
    const record = backend.record(headRecord)
    const head = record === undefined ? emptyHead : decodeHead(record)
    if (head === undefined) return failed("the head record cannot be read")
    const audit = new Audit(backend, head, evidence)
    while (audit.report === undefined) audit.step()
    return audit.report
  } finally {
    await backend.close()
  }
}

/** What the child does: evidence in on `input`, the report out by `print`. */
export const runAuditChild = async (
  dir: string,
  input: NodeJS.ReadableStream,
  print: (line: string) => void,
): Promise<void> => {
  const report = await text(input)
    .then((json) => auditDirectory(dir, decodeEvidence(json)))
    .catch((error: unknown) => failed(messageOf(error)))
  print(JSON.stringify(report))
}

/** Runs the child: `execPath ...args DIR`. */
export const auditInChild = (
  execPath: string,
  args: ReadonlyArray<string>,
  dir: string,
  evidence: Evidence,
): Effect.Effect<ProofReport> =>
  Effect.callback((resume) => {
    const child = spawn(execPath, [...args, dir], { env: {}, stdio: ["pipe", "pipe", "ignore"] })
    let out = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      out += chunk
    })
    child.on("error", (error) => resume(Effect.succeed(failed(error.message))))
    child.on("close", (_, signal) => {
      const found = decodeReport(out.trim())
      resume(
        Effect.succeed(
          found._tag === "Some"
            ? found.value
            : failed(
                `the process that read it ${signal === null ? "said nothing" : `was killed by ${signal}`}: its file is damaged`,
              ),
        ),
      )
    })
    child.stdin.on("error", () => undefined).end(JSON.stringify(evidence))
    return Effect.sync(() => {
      child.kill("SIGKILL")
    })
  })
