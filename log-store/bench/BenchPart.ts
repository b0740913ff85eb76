/**
 * What the log's benchmarks are made of: parts that each give some rows, and the world they run in.
 * Invariants: claw and its peer take turns within a part, so that a slow moment of the machine hits both, and the
 * median of the turns counts; the log of `filled` is made once, when the first part asks for it, and only read.
 */
import { type BenchRow, percentile, rounded } from "../../src/domain/bench.ts"

export interface FilledLog {
  /** The log's directory, with no writer. */
  readonly dir: string
  readonly events: number
}

export interface BenchWorld {
  /** A directory on the disk to be measured, removed at the end. */
  readonly dir: string
  /** A few turns instead of many: coarser figures. */
  readonly quick: boolean
  /** How long the logs that are read are. */
  readonly events: number
  /** How a verifying child is started: see `verifier.ts`. */
  readonly verifier: { readonly node: string; readonly args: ReadonlyArray<string> }
  /** A log of that many events of the mix (see `mix.ts`). */
  readonly filled: () => Promise<FilledLog>
}

export interface BenchPart {
  /** Names its rows begin with. */
  readonly rows: ReadonlyArray<string>
  readonly run: (world: BenchWorld) => Promise<ReadonlyArray<BenchRow>>
}

export const median = (values: ReadonlyArray<number>): number => percentile(values, 0.5)

export const perSecond = (count: number, ms: number): number => Math.round((count / ms) * 1000)

interface Compared {
  readonly name: string
  readonly unit: string
  readonly claw: number
  readonly peer: string
  /** Null: the peer is not installed, as in a packed Claw. */
  readonly peerValue: number | null
  readonly goal: number
  /** Where a small figure is a good one. */
  readonly least?: boolean
}

/** A row whose goal bounds the ratio to the peer; one without its peer says so and is not missed. */
export const compared = ({ name, unit, claw, peer, peerValue, goal, least }: Compared): BenchRow => {
  if (peerValue === null)
    return {
      name,
      claw: rounded(claw),
      peer,
      peerValue,
      unit,
      ratio: null,
      goal,
      met: true,
      note: "the peer is not installed",
    }
  const ratio = rounded(claw / peerValue)
  const met = least === true ? ratio <= goal : ratio >= goal
  return { name, claw: rounded(claw), peer, peerValue: rounded(peerValue), unit, ratio, goal, met }
}
