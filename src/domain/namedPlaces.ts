/**
 * Paths that a text names, as tools print them: `src/cart.ts:12:5`, `File "a.py", line 3`, `./b.go:9`. Pure.
 * Invariant: bounded, in order of their first mention; whether there is such a file is for others to see.
 */
export interface NamedPlace {
  readonly path: string
  /** 1-based; null: the file as a whole. */
  readonly line: number | null
}

const mostPlaces = 40
const longestText = 200_000

const place =
  /(?<![\w/.@-])((?:~?\/|\.{1,2}\/)?(?:[\w@.+-]+\/)*[\w@+-][\w@.+-]*\.[A-Za-z][A-Za-z0-9]{0,9})(?:(?::|\(|", line )(\d{1,6}))?/g

export const namedPlaces = (text: string): ReadonlyArray<NamedPlace> => {
  const found = new Map<string, NamedPlace>()
  for (const [, name, line] of text.slice(0, longestText).matchAll(place)) {
    const path = name!.replace(/^\.\//, "")
    const before = found.get(path)
    const at = line === undefined ? null : Number(line)
    if (before === undefined && found.size < mostPlaces) found.set(path, { path, line: at })
    else if (before?.line === null && at !== null) found.set(path, { path, line: at })
  }
  return [...found.values()]
}
