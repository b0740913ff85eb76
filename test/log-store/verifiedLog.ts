/** Checks a log as the verifying child does, in this very process. */
import type { VerifyReport } from "../../log-store/LogStore.ts"
import { runVerifyChild } from "../../log-store/verifyDirectory.ts"

export const verifiedLog = async (dir: string, mode: "quick" | "full"): Promise<VerifyReport> => {
  const lines: Array<string> = []
  await runVerifyChild([dir, mode], (line) => lines.push(line))
  return (JSON.parse(lines.at(-1)!) as { readonly report: VerifyReport }).report
}
