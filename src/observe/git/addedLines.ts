/**
 * Which lines of a text are new against an older one, with their numbers: the greedy shortest edit script
 * (Myers) between what the two do not share at both ends. Bounded: very different texts fall back to counting lines,
 * which only misses lines that moved. Pure.
 */

export interface AddedLine {
  /** 1-based, in the new text. */
  readonly line: number
  readonly text: string
}

const maxEdits = 400

const linesOf = (text: string): ReadonlyArray<string> => {
  if (text === "") return []
  const lines = text.split("\n")
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

/** Indices into `b` that are insertions; null where more than `maxEdits` edits are needed. */
const inserted = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<number> | null => {
  const most = Math.min(a.length + b.length, maxEdits)
  const reach = new Int32Array(2 * most + 3)
  const zero = most + 1
  const trace: Array<Int32Array> = []
  for (let edits = 0; edits <= most; edits++) {
    trace.push(reach.slice(zero - edits - 1, zero + edits + 2))
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && reach[zero + k - 1]! < reach[zero + k + 1]!)
      let x = down ? reach[zero + k + 1]! : reach[zero + k - 1]! + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      reach[zero + k] = x
      if (x >= a.length && x - k >= b.length) return back(trace, a.length, b.length)
    }
  }
  return null
}

const back = (trace: ReadonlyArray<Int32Array>, endX: number, endY: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  let x = endX
  let y = endY
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const reach = trace[edits]!
    const at = (k: number): number => reach[k + edits + 1]!
    const k = x - y
    const down = k === -edits || (k !== edits && at(k - 1) < at(k + 1))
    const before = down ? k + 1 : k - 1
    x = at(before)
    y = x - before
    if (down) found.push(y)
  }
  return found.reverse()
}

/** Lines of `b` beyond as many equal ones as `a` has. */
const surplus = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): ReadonlyArray<number> => {
  const left = new Map<string, number>()
  for (const line of a) left.set(line, (left.get(line) ?? 0) + 1)
  return b.flatMap((line, at) => {
    const count = left.get(line) ?? 0
    if (count === 0) return [at]
    left.set(line, count - 1)
    return []
  })
}

export const addedLines = (before: string, after: string): ReadonlyArray<AddedLine> => {
  const a = linesOf(before)
  const b = linesOf(after)
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head++
  let tail = 0
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail++
  const oldPart = a.slice(head, a.length - tail)
  const newPart = b.slice(head, b.length - tail)
  const found =
    oldPart.length === 0
      ? newPart.map((_, at) => at)
      : (inserted(oldPart, newPart) ?? surplus(oldPart, newPart))
  return found.map((at) => ({ line: head + at + 1, text: newPart[at]! }))
}
