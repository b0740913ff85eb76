/** Figures as the evaluations print them. Pure. */

/** To four places; of nothing, all. */
export const ratio = (part: number, whole: number): number =>
  whole === 0 ? 1 : Math.round((part / whole) * 10_000) / 10_000

/** Columns under their heads, the first to the left, the others to the right. */
export const tableText = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string | number | null>>,
): string => {
  const cells = [heads, ...rows.map((row) => row.map((cell) => (cell === null ? "-" : String(cell))))]
  const widths = heads.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)))
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n")
}
