/**
 * The long crash run: `node build/crash.ts [KILLS]`, 200 if none is given. Prints the figures and every broken
 * promise; exits 1 where there is one.
 */
import { Effect } from "effect"
import { brokenPromises, figures } from "../test/e2e/accounting.ts"
import { ordeal } from "../test/e2e/Ordeal.ts"

const kills = Number(process.argv[2] ?? "200")
const from = performance.now()
const ending = await Effect.runPromise(
  ordeal(kills, (line) => process.stderr.write(`${line}\n`)).pipe(Effect.scoped),
)
const broken = brokenPromises(ending)
for (const line of [...figures(ending), ...broken]) process.stdout.write(`${line}\n`)
process.stdout.write(
  `${kills} kills in ${Math.round((performance.now() - from) / 1000)} s: ${broken.length} broken promises\n`,
)
process.exitCode = broken.length === 0 ? 0 : 1
