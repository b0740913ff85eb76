/**
 * Finds many keywords in one pass over a text (the automaton of Aho and Corasick over ASCII and what
 * other characters the keywords hold, without case). Building it costs a few milliseconds, so it is made
 * at its first use.
 */

export interface KeywordIndex<A> {
  /** Calls `found` for each keyword that ends at `end` (exclusive), with what was filed under it. */
  readonly scan: (text: string, found: (entry: A, start: number, end: number) => void) => void
}

const ascii = 128

/** A small number for every character of the words beyond ASCII, large letters as small ones. */
const furtherClasses = (words: ReadonlyArray<string>): ReadonlyMap<number, number> => {
  const classes = new Map<number, number>()
  const further = [...new Set(words.join(""))].filter((each) => each.charCodeAt(0) >= ascii)
  further.forEach((each, index) => {
    classes.set(each.charCodeAt(0), ascii + index)
    classes.set(each.toUpperCase().charCodeAt(0), ascii + index)
  })
  return classes
}

export const makeKeywordIndex = <A>(entries: ReadonlyArray<readonly [string, A]>): KeywordIndex<A> => {
  const words = entries.map(([word]) => word.toLowerCase())
  const further = furtherClasses(words)
  const width = ascii + further.size
  const classOf = (code: number): number => (code < ascii ? code : (further.get(code) ?? -1))
  const states = words.reduce((sum, word) => sum + word.length, 1)
  const next = new Int32Array(states * width)
  const out: Array<Array<number>> = [[]]
  let made = 1
  words.forEach((word, index) => {
    let state = 0
    for (let i = 0; i < word.length; i++) {
      const at = state * width + classOf(word.charCodeAt(i))
      if (next[at] === 0) {
        out.push([])
        next[at] = made++
      }
      state = next[at]!
    }
    out[state]!.push(index)
  })
  const fail = new Int32Array(made)
  const queue: Array<number> = []
  for (let c = 0; c < width; c++) if (next[c] !== 0) queue.push(next[c]!)
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head]!
    out[state]!.push(...out[fail[state]!]!)
    for (let c = 0; c < width; c++) {
      const to = next[state * width + c]!
      const fallback = next[fail[state]! * width + c]!
      if (to === 0) next[state * width + c] = fallback
      else {
        fail[to] = fallback
        queue.push(to)
      }
    }
  }
  for (let state = 0; state < made; state++)
    for (let c = 65; c <= 90; c++) next[state * width + c] = next[state * width + c + 32]!
  const speaks = Uint8Array.from(out, (each) => (each.length > 0 ? 1 : 0))
  return {
    scan: (text, found) => {
      let state = 0
      for (let i = 0; i < text.length; i++) {
        const code = text.charCodeAt(i)
        const c = code < ascii ? code : classOf(code)
        if (c === -1) {
          state = 0
          continue
        }
        state = next[state * width + c]!
        if (speaks[state] === 0) continue
        for (const index of out[state]!) found(entries[index]![1], i + 1 - words[index]!.length, i + 1)
      }
    },
  }
}
