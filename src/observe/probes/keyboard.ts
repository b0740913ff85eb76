/**
 * How likely one word was typed for another: an edit distance whose slips cost less than whole letters (neighbouring
 * keys, swapped or doubled letters). Pure; used to order candidates that are near anyway.
 */

const rows: ReadonlyArray<string> = ["1234567890-", "qwertyuiop", "asdfghjkl;", "zxcvbnm,."]
const places = new Map(
  rows.flatMap((row, y) =>
    [...row].map((key, x) => [key, { x: x + y * 0.25 + (y > 1 ? 0.25 : 0), y }] as const),
  ),
)

const areNeighbours = (a: string, b: string): boolean => {
  const [p, q] = [places.get(a), places.get(b)]
  return p !== undefined && q !== undefined && Math.abs(p.y - q.y) <= 1 && Math.abs(p.x - q.x) <= 1.25
}

const swap = 0.5
const slip = 0.6
const doubled = 0.5
const letter = 1

/** The cost of having typed `typed` where `meant` was meant. */
export const typingCost = (typed: string, meant: string): number => {
  const [a, b] = [typed.toLowerCase(), meant.toLowerCase()]
  const extra = (word: string, i: number): number =>
    word[i] === word[i - 1] || word[i] === word[i + 1] ? doubled : letter
  const table: Array<Array<number>> = [[0]]
  for (let i = 1; i <= a.length; i++) table.push([table[i - 1]![0]! + extra(a, i - 1)])
  for (let j = 1; j <= b.length; j++) table[0]!.push(table[0]![j - 1]! + extra(b, j - 1))
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const [from, to] = [a[i - 1]!, b[j - 1]!]
      const change = from === to ? 0 : areNeighbours(from, to) ? slip : letter
      let cost = Math.min(
        table[i - 1]![j]! + extra(a, i - 1),
        table[i]![j - 1]! + extra(b, j - 1),
        table[i - 1]![j - 1]! + change,
      )
      if (i > 1 && j > 1 && from === b[j - 2] && a[i - 2] === to)
        cost = Math.min(cost, table[i - 2]![j - 2]! + swap)
      table[i]!.push(cost)
    }
  // The first letter is rarely the wrong one, and capitals are rarely forgotten.
  const first = a[0] === b[0] ? 0 : 0.3
  const capitals = typed === a && meant !== b ? 0.2 : 0
  return table[a.length]![b.length]! + first + capitals
}
