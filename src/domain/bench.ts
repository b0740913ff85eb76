/**
 * One figure of a benchmark: what Claw took, what its peer took in the same run, and whether the goal is met.
 * Where there is a peer the goal bounds the ratio or the difference, as the name says; without one it is absolute.
 */
export interface BenchRow {
  readonly name: string
  readonly claw: number
  readonly peer: string | null
  readonly peerValue: number | null
  readonly unit: string
  readonly ratio: number | null
  readonly goal: number
  readonly met: boolean
  /** What a reader should know of the figure, e.g. that its peer is not installed. */
  readonly note?: string
}

/** The value below which this share of the measurements lies. */
export const percentile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const rounded = (value: number): number => Number(value.toPrecision(4))

/** A figure without a peer, to be at or below an absolute limit. */
export const limited = (name: string, claw: number, unit: string, goal: number): BenchRow => ({
  name,
  claw: rounded(claw),
  peer: null,
  peerValue: null,
  unit,
  ratio: null,
  goal,
  met: claw <= goal,
})
