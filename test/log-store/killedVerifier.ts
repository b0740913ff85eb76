/**
 * Stands for a verifying child that a damaged page kills: dies of SIGBUS where it is given a part of the log that begins
 * behind the first event; else it is the child itself.
 */
const [mode, detail] = process.argv.slice(3)
if (mode === "part" && (JSON.parse(detail!) as { readonly from: number }).from > 1)
  process.kill(process.pid, "SIGBUS")
else await import("../../log-store/verifyChild.ts")
