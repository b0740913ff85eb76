/**
 * Where in its text each command of a call begins: the column of its first word, found in reading order. Pure.
 * Invariant: a place is only told where the word stands there by itself; what quotes or variables hide has none.
 */

const boundary = /[\s;|&(){}<>"'`]/

const standsAlone = (text: string, at: number, length: number): boolean =>
  (at === 0 || boundary.test(text[at - 1]!)) &&
  (at + length >= text.length || boundary.test(text[at + length]!))

const find = (text: string, word: string, from: number): number => {
  for (let at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1))
    if (standsAlone(text, at, word.length)) return at
  return -1
}

/** Columns from 1, in code units; null where it cannot be told. */
export const commandPlaces = (
  text: string,
  commands: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<number | null> => {
  let from = 0
  return commands.map((argv) => {
    // a command behind `env A=b` stands for its assignments too
    const word = argv[0] === "env" && !text.includes("env") ? argv[1] : argv[0]
    if (word === undefined || word === "") return null
    const next = find(text, word, from)
    const at = next >= 0 ? next : find(text, word, 0)
    if (at < 0) return null
    from = at + word.length
    return at + 1
  })
}
