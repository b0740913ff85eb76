/**
 * Paths by pattern, as users write them in rules: `*` any part of a name, `?` one letter, `**` any folders; a pattern
 * without `/` is a name in any folder, one that ends in `/` is all below it, `!` before it takes out again.
 * Invariants: pure; the cost is at most the product of the lengths, whatever is written.
 */

interface Signs<A> {
  readonly isMany: (sign: A) => boolean
  readonly fits: (sign: A, item: string) => boolean
}

/** Signs against items where one sign stands for any number of items: only the last such is ever tried again. */
const matches = <A>(
  signs: ReadonlyArray<A>,
  items: ReadonlyArray<string>,
  { fits, isMany }: Signs<A>,
): boolean => {
  let sign = 0
  let item = 0
  let many = -1
  let from = 0
  while (item < items.length) {
    if (sign < signs.length && isMany(signs[sign]!)) {
      many = sign
      from = item
      sign += 1
    } else if (sign < signs.length && fits(signs[sign]!, items[item]!)) {
      sign += 1
      item += 1
    } else if (many >= 0) {
      sign = many + 1
      from += 1
      item = from
    } else return false
  }
  while (sign < signs.length && isMany(signs[sign]!)) sign += 1
  return sign === signs.length
}

const letters: Signs<string> = {
  isMany: (sign) => sign === "*",
  fits: (sign, letter) => sign === "?" || sign === letter,
}
const folders: Signs<ReadonlyArray<string>> = {
  isMany: (sign) => sign.length === 2 && sign[0] === "*" && sign[1] === "*",
  fits: (sign, name) => matches(sign, [...name], letters),
}

const maxPath = 1_000

const compile = (pattern: string): ((path: string) => boolean) => {
  const bare = pattern.replace(/^(?:\.?\/)+/, "")
  const whole = bare.endsWith("/") ? `${bare}**/*` : bare
  const anchored = bare !== pattern || whole.includes("/")
  const signs = (anchored ? whole : `**/${whole}`).split("/").map((name) => [...name])
  return (path) => path.length <= maxPath && matches(signs, path.split("/"), folders)
}

/** The paths that one of the patterns means and none takes out. */
export const compileGlobs = (
  patterns: ReadonlyArray<string>,
): ((paths: ReadonlyArray<string>) => ReadonlyArray<string>) => {
  const wanted = patterns.filter((pattern) => !pattern.startsWith("!")).map(compile)
  const never = patterns.flatMap((pattern) => (pattern.startsWith("!") ? [compile(pattern.slice(1))] : []))
  return (paths) =>
    paths.filter(
      (path) =>
        (wanted.length === 0 || wanted.some((each) => each(path))) && !never.some((each) => each(path)),
    )
}

/** A name as one whole: `/` is a letter like any other, as in names of branches. */
export const nameFits = (patterns: ReadonlyArray<string>, name: string): boolean =>
  patterns.some((pattern) => matches(pattern.split(""), name.slice(0, maxPath).split(""), letters))
