/** The hidden command behind `claw audit verify` and the daemon's start: checks a log in a process of its own. */
import { runVerifyChild } from "../../log-store/verifyDirectory.ts"

export const runVerify = async (args: ReadonlyArray<string>): Promise<void> => {
  process.exitCode = await runVerifyChild(args, (line) => {
    process.stdout.write(`${line}\n`)
  })
}
