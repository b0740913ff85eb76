/** claw audit: check, prove, export and restore the log. */
import { Command } from "effect/cli"
import { exportLog, importLog } from "./auditExport.ts"
import { checkpoint, consistency, key, prove } from "./auditProve.ts"
import { verify } from "./auditVerify.ts"

export const audit = Command.make("audit").pipe(
  Command.withDescription("integrity, proofs, export and restore of the log"),
  Command.withSubcommands([verify, checkpoint, prove, consistency, key, exportLog, importLog]),
)
