/**
 * Runs the benchmarks, group by group, and hands each row on as soon as its part has ended. A name is a group
 * (`log`), or one row of it (`log.scan`). Nothing of the user's is touched: every part makes its own world. A choice that
 * nothing named reads is a usage error, never passed over.
 */
import { Effect } from "effect"
import { benchTui } from "../../../tui/bench.ts"
import { benchConfined, benchParts, logRows, watchRows } from "../../daemon/bench.ts"
import { benchGate, gateRows } from "../../daemon/benchGate.ts"
import { benchMemories, benchTurns, memoryRows, turnRows } from "../../daemon/benchMind.ts"
import type { BenchRow } from "../../domain/bench.ts"
import { usage } from "../Exit.ts"
import { Invocation } from "../Invocation.ts"
import { benchSaved } from "./fs.ts"
import { benchIdle } from "./idle.ts"
import { benchCommand } from "./loop.ts"
import { benchMemory } from "./memory.ts"
import { benchMindWorlds, mindRows } from "./mind.ts"
import { benchScrub } from "./scrub.ts"
import { benchShell, shellRows } from "./shell.ts"
import { benchStart } from "./start.ts"
import { benchTrickle } from "./trickle.ts"

export interface BenchChoice {
  readonly name: string | null
  readonly quick: boolean
  /** Events in the logs that are read; null: as the part sees fit. */
  readonly events: number | null
  /** A log whose copy the timeline is measured on; null: one that is made. */
  readonly log: string | null
}

/** Choices that only some read. */
const readings = ["events", "log"] as const
type Reading = (typeof readings)[number]

type PartChoice = Omit<BenchChoice, "name"> & { readonly wanted: (row: string) => boolean }

interface Part<E, R> {
  /** Names its rows begin with. */
  readonly rows: ReadonlyArray<string>
  /** Choices it reads beside `quick`, which all do. */
  readonly reads: ReadonlyArray<Reading>
  readonly run: (options: PartChoice) => Effect.Effect<ReadonlyArray<BenchRow>, E, R>
}

const part = <E, R>(
  rows: ReadonlyArray<string>,
  run: Part<E, R>["run"],
  ...reads: ReadonlyArray<Reading>
): Part<E, R> => ({ rows, reads, run })

const parts = [
  part(
    logRows,
    (choice) => Effect.flatMap(Invocation, ({ entry }) => benchParts.log({ ...choice, entry })),
    "events",
  ),
  part(["log.trickle"], benchTrickle),
  part(["log.memory"], benchMemory, "events"),
  part(["fs.saved_to_durable"], benchSaved),
  part(["fs.saved_to_draft", "fs.trickle_writes", "fs.burst_lost", "fs.large_tree_memory"], (choice) =>
    Effect.flatMap(Invocation, ({ entry }) => benchParts.fs({ ...choice, entry })),
  ),
  part(watchRows, (choice) =>
    Effect.flatMap(Invocation, ({ entry }) => benchParts.watch({ ...choice, entry })),
  ),
  part(["loop.command_to_queue"], benchCommand),
  part(["hooks.zsh", "hooks.bash", "hooks.fish"], (choice) =>
    Effect.flatMap(Invocation, ({ entry }) => benchParts.hooks({ ...choice, entry })),
  ),
  part(shellRows, benchShell),
  part(["sandbox.overhead", "sandbox.overhead_p95", "sandbox.with_network"], ({ quick }) =>
    Effect.flatMap(Invocation, (invocation) => benchConfined(quick, invocation)),
  ),
  part(gateRows, benchGate),
  part(turnRows, benchTurns),
  part(memoryRows, benchMemories),
  part(mindRows, benchMindWorlds),
  part(["start.status", "start.daemon"], benchStart),
  part(["tui.key_to_paint"], benchTui),
  part(["tui.scrub", "tui.step"], benchScrub, "log"),
  part(["idle.cpu", "idle.rss_anon", "idle.disk_writes", "idle.model_calls"], benchIdle),
]

const groupsOf = (some: ReadonlyArray<Pick<Part<never, never>, "rows">>): ReadonlyArray<string> => [
  ...new Set(some.flatMap(({ rows }) => rows.map((row) => row.split(".")[0]!))),
]

/** `log` names all rows of the group, `log.append` both of append, `log.scan` one. */
const names = (name: string | null, row: string): boolean =>
  name === null || row === name || row.startsWith(`${name}.`)

export const runBench = Effect.fn("bench.run")(function* <E, R>(
  { name, ...choice }: BenchChoice,
  print: (row: BenchRow) => Effect.Effect<void, E, R>,
) {
  const chosen = parts.filter(({ rows }) =>
    rows.some((row) => names(name, row) || (name !== null && name.startsWith(`${row}.`))),
  )
  if (chosen.length === 0) {
    return yield* usage(
      `no benchmark is called ${name}: there are ${groupsOf(parts).join(", ")} and their rows`,
    )
  }
  if (choice.events !== null && choice.events < 1) return yield* usage("--events is at least 1")
  for (const reading of readings) {
    if (choice[reading] === null || chosen.some(({ reads }) => reads.includes(reading))) continue
    const readers = groupsOf(parts.filter(({ reads }) => reads.includes(reading)))
    return yield* usage(`claw bench ${name} does not read --${reading}: ${readers.join(", ")} does`)
  }
  for (const { run } of chosen) {
    for (const row of yield* run({ ...choice, wanted: (row) => names(name, row) }))
      if (names(name, row.name)) yield* print(row)
  }
})
