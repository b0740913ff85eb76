/** The hidden command behind `claw audit verify` and the daemon's start: checks a log in a process of its own. */
import { runVerifyChild } from "../../log-store/verifier.ts"

export const runVerify = async (args: ReadonlyArray<string>): Promise<void> => {
  const [dir = "", mode] = args
  process.exitCode = await runVerifyChild(dir, mode === "quick" ? "quick" : "full", (line) => {
    process.stdout.write(`${line}\n`)
  })
}
