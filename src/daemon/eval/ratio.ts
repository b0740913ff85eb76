/** A part of a whole, as figures are told: to four places; of nothing, all. */
export const ratio = (part: number, whole: number): number =>
  whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000
