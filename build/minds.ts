/**
 * The work of models, cut off: `node build/minds.ts [--kills=100] [--seed=N] [--only=draft]`. Coding tasks in each protocol, in chats,
 * headless and as drafts, approved by hand and by rules, while the daemon, the client or both are killed at random points.
 * Prints the figures and every broken promise; exits 1 where there is one.
 */
import { Effect } from "effect"
import { mindLives } from "../test/e2e/mindLives.ts"

const option = (key: string, otherwise: number): number => {
  const found = process.argv.slice(2).find((arg) => arg.startsWith(`--${key}=`))
  return found === undefined ? otherwise : Number(found.slice(key.length + 3))
}
const only = process.argv.find((arg) => arg.startsWith("--only="))?.slice(7)
const from = performance.now()
const found = await Effect.runPromise(
  Effect.scoped(
    mindLives({
      kills: option("kills", 100),
      seed: option("seed", Math.floor(Date.now() / 1000) % 1_000_000),
      ...(only === undefined ? {} : { only }),
      said: (line) => process.stderr.write(`${line}\n`),
    }),
  ),
)
const { broken, cutOff, effects, events, kills, points, requests, seed, tasks, usd } = found
const counted = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${count} ${name}`)
    .join("; ")
const count = Object.values(tasks).reduce((all, one) => all + one, 0)
process.stdout.write(
  [
    `minds (${Math.round((performance.now() - from) / 1000)} s, seed ${seed}): ${broken.length} broken promises`,
    `${kills.daemon} kills of the daemon, ${kills.client} of the client, ${kills.both} of both, behind ${counted(points)}`,
    `${count} tasks, ${cutOff} of them drafts cut off once approved: ${counted(tasks)}`,
    `${effects.edits} notes, ${effects.runs} runs of a check, ${effects.commits} commits, each once`,
    `${events} events, ${requests} requests of models, each with one end; replayed byte for byte; $${usd.toFixed(4)} as claw cost says`,
    ...broken,
  ]
    .map((line, n) => `${n === 0 ? "" : "  "}${line}\n`)
    .join(""),
)
process.exitCode = broken.length === 0 ? 0 : 1
