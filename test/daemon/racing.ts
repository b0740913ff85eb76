/**
 * Clients of a real daemon that approve one and the same thing in the same moment, over sockets of their own. Each race has
 * to have one winner, every loser a clear word about who was first, and one run.
 */
import { Effect, type Scope } from "effect"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import type { Detail } from "../../src/rpc/shapes.ts"
import { shownIn } from "../../src/rpc/shown.ts"
import type { Claws } from "../cli/claws.ts"
import { type Answer, rawClient, type RawClient } from "./rawClient.ts"

export interface Races {
  readonly races: number
  readonly clients: number
  /** Races without a winner, and with more than one. */
  readonly none: number
  readonly several: number
  /** Who lost and was not told by whom and when it was approved. */
  readonly untold: number
  /** Files that the winners' actions wrote. */
  readonly ran: number
  readonly ms: number
}

const clearWord = /"_tag":"Stale".*was already approved by (?:tui|cli) at \d{4}-/

const valueOf = <A>(answer: Answer | null): A => {
  if (answer?.exit?._tag !== "Success") throw new Error(JSON.stringify(answer))
  return answer.exit.value as A
}

export const race = Effect.fnUntraced(function* (
  world: Claws,
  options: { readonly races: number; readonly clients: number; readonly said?: (done: number) => void },
): Effect.fn.Return<Races, never, Scope.Scope> {
  const clients: ReadonlyArray<RawClient> = yield* Effect.forEach(
    Array.from({ length: options.clients }),
    () => rawClient(world.directories.socket),
  )
  const first = clients[0]!
  const from = performance.now()
  let [none, several, untold] = [0, 0, 0]
  for (let n = 0; n < options.races; n++) {
    const input = { path: `races/${n}.txt`, content: String(n) }
    const { suggestion: id } = valueOf<{ readonly suggestion: string }>(
      yield* first.ask("RequestCalls", {
        token: first.proof(),
        surface: "cli",
        dir: world.repository,
        calls: [{ tool: "write_file", input }],
      }),
    )
    const shown = shownIn(valueOf<Detail>(yield* first.ask("Show", { id })))
    const answers = yield* Effect.forEach(
      clients,
      (client, index) =>
        client.ask("Approve", {
          id,
          ...shown,
          token: client.proof(),
          surface: index % 2 === 0 ? "tui" : "cli",
        }),
      { concurrency: "unbounded" },
    )
    const won = answers.filter((answer) => answer?.exit?._tag === "Success").length
    if (won === 0) none++
    if (won > 1) several++
    untold += answers.filter(
      (answer) => answer?.exit?._tag !== "Success" && !clearWord.test(JSON.stringify(answer?.exit ?? null)),
    ).length
    valueOf(yield* first.ask("Await", { id }))
    if ((n + 1) % 500 === 0) options.said?.(n + 1)
  }
  return {
    races: options.races,
    clients: options.clients,
    none,
    several,
    untold,
    ran: readdirSync(join(world.repository, "races")).length,
    ms: performance.now() - from,
  }
})
