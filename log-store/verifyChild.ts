/** Entry of the verifying child process, unbuilt: `node log-store/verifyChild.ts DIR [quick|full|part] [DETAIL]`. */
import { runVerifyChild } from "./verifyDirectory.ts"

const args = process.argv.slice(2)
if (args.length === 0) {
  process.stderr.write("usage: verifyChild DIR [quick|full|part] [DETAIL]\n")
  process.exitCode = 2
} else
  process.exitCode = await runVerifyChild(args, (line) => {
    process.stdout.write(`${line}\n`)
  })
