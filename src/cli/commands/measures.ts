/** claw bench and demo: figures and a story anyone can have again. Both run without the user's daemon. */
import { Console, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { resolve } from "node:path"
import type { BenchRow } from "../../domain/bench.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json } from "../output.ts"

export const bench = Command.make(
  "bench",
  {
    name: Argument.String("name").pipe(
      Argument.withDescription(
        "log, fs, watch, hooks, shell, loop, sandbox, gate, mind, start, tui, idle, or one row of them; all without one",
      ),
      Argument.optional,
    ),
    quick: Flag.Boolean("quick").pipe(
      Flag.withDefault(false),
      Flag.withDescription("smaller runs, coarser figures"),
    ),
    events: Flag.Int("events").pipe(
      Flag.optional,
      Flag.withDescription("log: events in the logs that are read"),
    ),
    log: Flag.String("log").pipe(
      Flag.optional,
      Flag.withMetavar("DIR"),
      Flag.withDescription("tui.scrub, tui.step: the timeline over a copy of this log"),
    ),
    json: jsonFlag,
  },
  Effect.fn(function* ({ name, quick, events, log, json: asJson }) {
    const { cwd } = yield* Invocation
    const { runBench } = yield* Effect.promise(() => import("../bench/run.ts"))
    const choice = {
      name: Option.getOrNull(name),
      quick,
      events: Option.getOrNull(events),
      log: Option.getOrNull(Option.map(log, (folder) => resolve(cwd, folder))),
    }
    yield* runBench(choice, (row) => (asJson ? json({ v: 1, ...row }) : Console.log(showRow(row))))
  }),
).pipe(
  Command.withDescription("the benchmarks, each beside its peer or limit in the same run"),
  Command.withExamples([
    { command: "claw bench log --json", description: "append and scan beside raw lmdb" },
  ]),
)

const figure = (value: number): string =>
  Math.abs(value) >= 1000 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(3)).toString()

const showRow = (row: BenchRow): string => {
  const beside =
    row.peer === null
      ? `limit ${figure(row.goal)}`
      : row.ratio === null
        ? `${row.peer}, goal ${figure(row.goal)}`
        : `${row.peer} ${figure(row.peerValue ?? 0)}, ratio ${figure(row.ratio)}, goal ${figure(row.goal)}`
  const note = row.note === undefined ? "" : ` (${row.note})`
  return `${row.met ? "met   " : "MISSED"} ${row.name}: ${figure(row.claw)} ${row.unit}, ${beside}${note}`
}

export const demo = Command.make(
  "demo",
  {
    script: Flag.Boolean("script").pipe(
      Flag.withDefault(false),
      Flag.withDescription("without a terminal: print what happens"),
    ),
    fast: Flag.Boolean("fast").pipe(
      Flag.withDefault(false),
      Flag.withDescription("do not pause between the steps for a reader"),
    ),
  },
  Effect.fn(function* ({ script, fast }) {
    const invocation = yield* Invocation
    const { runDemo } = yield* Effect.promise(() => import("../demo.ts"))
    yield* runDemo({ script: script || !invocation.interactive, fast })
  }),
).pipe(
  Command.withDescription(
    "a throw-away repository with a live story: real daemon, real events, real suggestions",
  ),
  Command.withExamples([{ command: "claw demo --script", description: "two minutes, printed" }]),
)
