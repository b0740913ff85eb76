/**
 * Approvals that race: `node build/races.ts [--races=10000] [--clients=10]`. A real daemon on a throw-away workspace; the
 * clients approve each question in the same moment. Prints the figures; exits 1 where a race had not exactly one winner, a
 * loser was not told who was first, or what was approved did not run once.
 */
import { Effect } from "effect"
import { clawWorld } from "../test/cli/claws.ts"
import { race } from "../test/daemon/racing.ts"

const option = (key: string, otherwise: number): number => {
  const found = process.argv.slice(2).find((arg) => arg.startsWith(`--${key}=`))
  return found === undefined ? otherwise : Number(found.slice(key.length + 3))
}

const main = Effect.gen(function* () {
  const world = yield* clawWorld
  const up = yield* world.claw("up")
  if (up.exit !== 0) throw new Error(up.stderr)
  const found = yield* race(world, {
    races: option("races", 10_000),
    clients: option("clients", 10),
    said: (done) => process.stderr.write(`${done} races\n`),
  })
  const { clients, ms, none, races, ran, several, untold } = found
  const each = (ms / races).toFixed(1)
  process.stdout.write(
    `${races} races of ${clients} clients: ${races - none - several} with one winner, ${none} with none, ${several} with several\n` +
      `${untold} losers were not told who was first; ${ran} of ${races} ran; ${each} ms a race\n`,
  )
  return none + several + untold === 0 && ran === races
}).pipe(Effect.scoped)

process.exitCode = (await Effect.runPromise(main)) ? 0 : 1
