/**
 * Writes a made working day into a fresh log directory, for trying things on a log of a real day's size:
 *
 *   node build/dayLog.ts DIR [--events 50000] [--seed 1] [--home $HOME] [--from 2026-03-02T08:00:00Z] [--thinking]
 *
 * DIR is what a daemon would use, `$XDG_DATA_HOME/claw/log`; the repositories of the day need not exist. Observations
 * and answers are made; every situation, decision and verdict is the real decider's and the real gate's, so that
 * `claw replay` finds each the same. What the terminal and file sources see is untrusted, and what rests on it is
 * always asked; one of the three repositories (`shop`) is made as if its sources were trusted, so that a policy's own
 * word counts there. With `--thinking` a model that has nothing to say is asked where one would be: `claw eval thoughts DIR`
 * counts what a day asks of it.
 */
import { Effect } from "effect"
import { parseArgs } from "node:util"
import { resolve } from "node:path"
import { existsSync } from "node:fs"
import { writeDay } from "./day/writeDay.ts"

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: "string", default: "50000" },
    seed: { type: "string", default: "1" },
    home: { type: "string", default: process.env["HOME"] ?? "/home/you" },
    from: { type: "string" },
    thinking: { type: "boolean", default: false },
  },
})
const [dir] = positionals
if (dir === undefined) throw new Error("usage: node build/dayLog.ts DIR [--events N] [--seed N] [--home DIR]")

if (existsSync(dir)) throw new Error(`${dir} is there already`)

const started = Date.now()
const wanted = Number(values.events)
let said = 0
const { events, endMs } = await Effect.runPromise(
  writeDay(resolve(dir), {
    events: wanted,
    seed: Number(values.seed),
    home: resolve(values.home),
    thinking: values.thinking,
    ...(values.from === undefined ? {} : { from: values.from }),
    progress: (done) => {
      if (done - said < wanted / 10) return
      said = done
      process.stderr.write(`${done} of ${wanted} events\n`)
    },
  }),
)
const seconds = ((Date.now() - started) / 1000).toFixed(1)
console.log(`${events} events until ${new Date(endMs).toISOString()} in ${dir}, made in ${seconds} s`)
