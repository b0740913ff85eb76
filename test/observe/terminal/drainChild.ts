/** A process that drains a spool directory into a file of JSON lines, durably, until it is killed. */
import { Effect, Stream } from "effect"
import { closeSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from "node:fs"
import { TerminalSource } from "../../../src/observe/terminal/TerminalSource.ts"

const [spoolDir, logFile] = process.argv.slice(2) as [string, string]
// A batch is appended whole or not at all, as the log does: an unfinished last line is cut off.
const text = readFileSync(logFile, "utf8")
const whole = text.lastIndexOf("\n") + 1
truncateSync(logFile, whole)
const positions: Record<string, number> = {}
for (const line of text.slice(0, whole).split("\n").slice(0, -1)) {
  const { position } = JSON.parse(line) as { position: { file: string; offset: number } }
  positions[position.file] = position.offset
}
const log = openSync(logFile, "a")
const source = TerminalSource.make({
  spoolDir,
  positions,
  workspaceOf: () => "/w",
  redact: (line) => line,
  output: null,
})
await Effect.runPromise(
  source.observations.pipe(
    Stream.runForEach((batch) =>
      Effect.gen(function* () {
        const lines = batch.drafts.flatMap((one) =>
          one.type === "terminal.command" ? [`${JSON.stringify(one.payload)}\n`] : [],
        )
        for (const line of lines) {
          writeSync(log, line)
          fsyncSync(log)
        }
        yield* batch.ack
      }),
    ),
  ),
)
closeSync(log)
