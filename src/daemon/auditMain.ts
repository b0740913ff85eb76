/** The hidden command behind `claw audit verify` with the daemon down: checks a log's checkpoints and anchors. */
import { runAuditChild } from "../../log-store/merkle/auditChild.ts"

export const runAudit = ([dir = ""]: ReadonlyArray<string>): Promise<void> =>
  runAuditChild(dir, process.stdin, (line) => {
    process.stdout.write(`${line}\n`)
  })
