/** Entry of the verifying child process, unbuilt: `node log-store/verifyChild.ts DIR [quick|full]`. */
import { runVerifyChild } from "./verifier.ts"

const [dir, mode] = process.argv.slice(2)
if (dir === undefined) {
  process.stderr.write("usage: verifyChild DIR [quick|full]\n")
  process.exitCode = 2
} else
  process.exitCode = await runVerifyChild(dir, mode === "quick" ? "quick" : "full", (line) => {
    process.stdout.write(`${line}\n`)
  })
