/**
 * Shell-like wildcards over one name: `*`, `?`, `[...]`, and the hole, a piece of a word that is only known
 * when the command runs. Linear in pattern times name, no regular expression made from outside text.
 */

/** Stands for an unknown piece of a word (an expansion that cannot be worked out). */
export const hole = "\ufffc"

export const hasWild = (text: string): boolean => /[*?[\ufffc]/.test(text)
export const hasHole = (text: string): boolean => text.includes(hole)

interface Token {
  readonly many: boolean
  readonly fits: (c: string) => boolean
}

const tokens = (pattern: string): ReadonlyArray<Token> => {
  const found: Array<Token> = []
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    const close = c === "[" ? pattern.indexOf("]", i + 2) : -1
    if (c === "*" || c === hole) found.push({ many: true, fits: () => true })
    else if (c === "?") found.push({ many: false, fits: () => true })
    else if (close > 0) {
      const body = pattern.slice(i + 1, close)
      found.push({ many: false, fits: bracket(body) })
      i = close
    } else found.push({ many: false, fits: (other) => other === c })
  }
  return found
}

const bracket = (body: string): ((c: string) => boolean) => {
  const negated = /^[!^]/.test(body)
  const chars = negated ? body.slice(1) : body
  return (c) => {
    let inside = false
    for (let i = 0; i < chars.length; i++) {
      if (chars[i + 1] === "-" && i + 2 < chars.length) {
        if (c >= chars[i]! && c <= chars[i + 2]!) inside = true
        i += 2
      } else if (chars[i] === c) inside = true
    }
    // a class such as [:alpha:] is taken to fit: a wider pattern only makes a verdict stricter
    return chars.includes("[:") || inside !== negated
  }
}

/** Whether a name fits the pattern; the pattern is read once. */
export const fitting = (pattern: string): ((name: string) => boolean) => {
  const wanted = tokens(pattern)
  const least = wanted.filter(({ many }) => !many).length
  return (name) => name.length >= least && matches(wanted, name)
}

export const fits = (pattern: string, name: string): boolean => fitting(pattern)(name)

const matches = (wanted: ReadonlyArray<Token>, name: string): boolean => {
  let p = 0
  let n = 0
  let star = -1
  let mark = 0
  while (n < name.length) {
    const token = wanted[p]
    if (token !== undefined && token.many) {
      star = p++
      mark = n
    } else if (token !== undefined && token.fits(name[n]!)) {
      p++
      n++
    } else if (star >= 0) {
      p = star + 1
      n = ++mark
    } else return false
  }
  while (wanted[p]?.many === true) p++
  return p === wanted.length
}
