/**
 * Whether a version is what was asked for, for the ways in which projects ask: `22`, `v22.4.1`, `>=20`, `^18 || >=20`,
 * `20.x`. Pure. Null where the words are none of these: names of lines (`lts/*`) mean another version every year.
 */
const numbers = (text: string): ReadonlyArray<number> | null =>
  /^v?\d+(?:\.(?:\d+|[xX*]))*$/.test(text)
    ? text
        .replace(/^v/, "")
        .split(".")
        .flatMap((part) => (/^\d+$/.test(part) ? [Number(part)] : []))
    : null

const compared = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

const begins = (has: ReadonlyArray<number>, wanted: ReadonlyArray<number>): boolean =>
  wanted.every((part, at) => has[at] === part)

const one = (has: ReadonlyArray<number>, word: string): boolean | null => {
  const [, sign = "", text = ""] = /^(>=|<=|>|<|\^|~|==?)?(.*)$/.exec(word) ?? []
  const wanted = numbers(text)
  if (wanted === null || wanted.length === 0) return null
  // a version of two parts says nothing of a third
  if (has.length < wanted.length && !(compared(has, wanted.slice(0, has.length)) !== 0)) return null
  switch (sign) {
    case ">=":
      return compared(has, wanted) >= 0
    case ">":
      return compared(has, wanted) > 0 && !begins(has, wanted)
    case "<=":
      return compared(has, wanted) <= 0 || begins(has, wanted)
    case "<":
      return compared(has, wanted) < 0
    case "^":
      return compared(has, wanted) >= 0 && has[0] === wanted[0] && wanted[0] !== 0
    case "~":
      return compared(has, wanted) >= 0 && begins(has, wanted.slice(0, 2))
    default:
      return begins(has, wanted)
  }
}

export const satisfies = (version: string, wanted: string): boolean | null => {
  const has = numbers(version)
  if (has === null) return null
  let any: boolean | null = false
  for (const alternative of wanted.split("||")) {
    const words = alternative
      .trim()
      .replaceAll(/([<>=^~])\s+/g, "$1")
      .split(/[\s,]+/)
    if (words.join("") === "") return null
    const all = words.map((word) => one(has, word))
    if (all.includes(null)) any = any === true ? true : null
    else if (all.every((each) => each === true)) return true
  }
  return any
}
