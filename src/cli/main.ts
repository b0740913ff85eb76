/**
 * The entry. Hidden commands (the daemon itself, its verifier, the evaluator of configuration files) are
 * dispatched before anything else is loaded; everything else is the thin client.
 * This is the one place that reads the process's arguments, environment and terminals.
 */
import { hidden } from "../daemon/entry.ts"

const [command, ...rest] = process.argv.slice(2)

switch (command) {
  case hidden.daemon: {
    const { runDaemon } = await import("../daemon/main.ts")
    runDaemon(rest)
    break
  }
  case hidden.verify: {
    const { runVerifyChild } = await import("../daemon/verifyMain.ts")
    await runVerifyChild(rest[0] ?? "")
    break
  }
  case hidden.config: {
    const { evaluateChild } = await import("../config/evaluateChild.ts")
    await evaluateChild(rest[0] ?? "")
    break
  }
  default: {
    const { runClient } = await import("./app.ts")
    runClient(process.argv.slice(2))
  }
}
