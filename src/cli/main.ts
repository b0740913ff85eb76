/**
 * The entry. Hidden commands (the daemon itself, its verifier, the evaluator of configuration files) are
 * dispatched before anything else is loaded; everything else is the thin client.
 * This is the one place that reads the process's arguments, environment and terminals.
 */
import manifest from "../../package.json" with { type: "json" }
import { entryOf, hidden } from "../daemon/entry.ts"

const [command, ...rest] = process.argv.slice(2)

switch (command) {
  case hidden.daemon: {
    const { runDaemon } = await import("../daemon/main.ts")
    runDaemon(entryOf(import.meta.url, manifest.version), rest)
    break
  }
  case hidden.story: {
    const { runStoryDaemon } = await import("../daemon/story/runStoryDaemon.ts")
    runStoryDaemon(entryOf(import.meta.url, manifest.version))
    break
  }
  case hidden.verify: {
    const { runVerify } = await import("../daemon/verifyMain.ts")
    await runVerify(rest)
    break
  }
  case hidden.audit: {
    const { runAudit } = await import("../daemon/auditMain.ts")
    await runAudit(rest)
    break
  }
  case hidden.config: {
    const { evaluateChild } = await import("../config/evaluateChild.ts")
    await evaluateChild(rest[0] ?? "")
    break
  }
  case "guard": {
    const { runGuard } = await import("./guard.ts")
    process.exitCode = runGuard(rest, process.cwd())
    break
  }
  default: {
    const { runClient } = await import("./app.ts")
    runClient(entryOf(import.meta.url, manifest.version), process.argv.slice(2))
  }
}
