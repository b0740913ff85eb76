/** claw log rebuild: folds everything anew from the first event, with the daemon or without one. */
import { Console, Effect, Stream } from "effect"
import { Command } from "effect/cli"
import { existsSync } from "node:fs"
import type { RebuildReport } from "../../rpc/rebuilding.ts"
import { follow } from "../backtests.ts"
import { Exit, fail } from "../Exit.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const shown = (report: RebuildReport, colour: Paint): string =>
  [
    table(
      report.projections.map(({ bytes, difference, ms, projection, same, version }) => [
        projection,
        `version ${version}`,
        `${Math.round(ms)} ms`,
        `${bytes} bytes`,
        same ? colour("green", "the same") : `${colour("red", "differed")}: ${safe(difference ?? "")}`,
      ]),
    ),
    `${report.events} events folded anew`,
  ].join("\n")

/** Through the daemon where one runs; else here, while none can start. */
const messages = Effect.gen(function* () {
  const session = yield* Session
  if (yield* session.isRunning) {
    const client = yield* session.attach
    return Stream.mapError(client.Rebuild(), (error) =>
      error._tag === "RebuildError" ? fail(error.message) : error,
    )
  }
  const { directories, entry } = yield* Invocation
  if (!existsSync(directories.log))
    return yield* new Exit({ reason: "noSuch", message: `there is no log in ${directories.log} yet` })
  const { rebuildOffline } = yield* Effect.promise(() => import("../../daemon/rebuildOffline.ts"))
  return Stream.mapError(rebuildOffline(entry, directories), (error) => fail(error.message))
})

export const rebuild = Command.make(
  "rebuild",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const report = yield* follow("rebuild", yield* messages)
    yield* asJson ? json(report) : Console.log(shown(report, yield* paint))
    const wrong = report.projections.filter(({ same }) => !same).map(({ projection }) => projection)
    if (wrong.length > 0)
      return yield* fail(
        `${wrong.join(", ")} differed from what the log says; what was folded anew is in force now`,
      )
  }, Effect.scoped),
).pipe(
  Command.withDescription("drop all checkpoints and fold everything anew, to see that it is the same"),
  Command.withExamples([{ command: "claw log rebuild", description: "exits 1 where something differed" }]),
)
