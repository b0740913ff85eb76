/**
 * Judges a regular expression by its shape, for places that take one from outside: refused where matching could
 * take more than linear time in practice, or where it does not parse.
 * A small parser of its own, because the engine tells nothing about a pattern's cost.
 * Invariant: what the parser does not understand is refused.
 */
export type PatternJudgement = { readonly ok: true } | { readonly ok: false; readonly reason: string }

const longest = 1000
const mostRepeats = 1000
const mostUnbounded = 3

interface Node {
  /** Characters it can start with, as tests over a sample alphabet; null: cannot be told. */
  readonly first: ReadonlySet<string>
  readonly nullable: boolean
  /** Contains something that repeats a variable number of times. */
  readonly variable: boolean
  readonly repeats: boolean
  readonly alternatives: boolean
}

const alphabet: ReadonlyArray<string> = [
  ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)),
  ..."\n\t\r\u00e9\u4e2d",
]

class Refused extends Error {}

class Parser {
  private at = 0
  private readonly text: string
  private unbounded = 0

  constructor(text: string) {
    this.text = text
  }

  parse(): void {
    this.alternation()
    if (this.at < this.text.length) throw new Refused("a bracket too many")
    if (this.unbounded > mostUnbounded) throw new Refused("too many unbounded repeats")
  }

  private alternation(): Node {
    const branches = [this.sequence()]
    while (this.text[this.at] === "|") {
      this.at++
      branches.push(this.sequence())
    }
    const overlap = branches.some((a, i) =>
      branches.slice(i + 1).some((b) => a.nullable || b.nullable || meet(a, b)),
    )
    return {
      first: union(branches),
      nullable: branches.some((each) => each.nullable),
      variable: branches.some((each) => each.variable) || (branches.length > 1 && overlap),
      repeats: branches.some((each) => each.repeats),
      alternatives: branches.length > 1 && overlap,
    }
  }

  private sequence(): Node {
    const items: Array<Node> = []
    while (this.at < this.text.length && !"|)".includes(this.text[this.at]!)) items.push(this.quantified())
    items.forEach((item, index) => {
      if (!item.repeats) return
      for (const next of items.slice(index + 1)) {
        if (next.repeats && meet(item, next)) throw new Refused("repeats that overlap")
        if (!next.nullable && !meet(item, next)) break
        if (!next.nullable) break
      }
    })
    const leading: Array<Node> = []
    for (const item of items) {
      leading.push(item)
      if (!item.nullable) break
    }
    return {
      first: union(leading),
      nullable: items.every((each) => each.nullable),
      variable: items.some((each) => each.variable),
      repeats: false,
      alternatives: items.some((each) => each.alternatives),
    }
  }

  private quantified(): Node {
    const atom = this.atom()
    const rest = this.text.slice(this.at)
    const match = /^(?:[*+?]|\{(\d+)(,(\d*))?\})\??/.exec(rest)
    if (match === null) return atom
    this.at += match[0].length
    const sign = match[0][0]!
    const least = sign === "*" || sign === "?" ? 0 : sign === "+" ? 1 : Number(match[1])
    const most = sign === "?" ? 1 : sign === "{" ? bound(match) : Number.POSITIVE_INFINITY
    if (Number.isFinite(most) && most > mostRepeats) throw new Refused("too large a count")
    if (most > 1 && (atom.variable || (atom.nullable && most > 1)))
      throw new Refused("a repeat inside a repeat")
    if (most === Number.POSITIVE_INFINITY) this.unbounded++
    return {
      ...atom,
      nullable: atom.nullable || least === 0,
      variable: atom.variable || least !== most,
      repeats: most > 1 && least !== most,
    }
  }

  private atom(): Node {
    const c = this.text[this.at]!
    if (c === "(") return this.group()
    if (c === "[") return this.charClass()
    if (c === "\\") return this.escape()
    this.at++
    if (c === "^" || c === "$") return leaf([], true)
    if (c === ".") return leaf(alphabet.filter((each) => each !== "\n"))
    if ("*+?".includes(c)) throw new Refused("nothing to repeat")
    return leaf(this.spell(c))
  }

  private spell(c: string): ReadonlyArray<string> {
    return [c]
  }

  private group(): Node {
    const open = /^\((?:\?(?::|<[A-Za-z_]\w*>)|(?!\?))/.exec(this.text.slice(this.at))
    if (open === null) throw new Refused("look-around or an unknown group")
    this.at += open[0].length
    const inner = this.alternation()
    if (this.text[this.at] !== ")") throw new Refused("a group that is never closed")
    this.at++
    return inner
  }

  private charClass(): Node {
    const end = /^\[\^?\]?(?:\\.|[^\]\\])*\]/s.exec(this.text.slice(this.at))
    if (end === null) throw new Refused("a class that is never closed")
    this.at += end[0].length
    const test = new RegExp(`^${end[0]}$`, "u")
    return leaf(alphabet.filter((each) => test.test(each)))
  }

  private escape(): Node {
    const next = this.text[this.at + 1] ?? ""
    if (/[1-9k]/.test(next)) throw new Refused("a back-reference")
    const match = /^\\(?:u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{[^}]*\}|c[A-Za-z]|.)/su.exec(
      this.text.slice(this.at),
    )
    if (match === null) throw new Refused("a lone back-slash")
    this.at += match[0].length
    if (next === "b" || next === "B") return leaf([], true)
    const test = new RegExp(`^${match[0]}$`, "u")
    return leaf(alphabet.filter((each) => test.test(each)))
  }
}

const bound = (match: RegExpExecArray): number => {
  if (match[2] === undefined) return Number(match[1])
  return match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3])
}

const leaf = (first: ReadonlyArray<string>, nullable = false): Node => ({
  first: new Set(first),
  nullable,
  variable: false,
  repeats: false,
  alternatives: false,
})

const union = (nodes: ReadonlyArray<Node>): ReadonlySet<string> =>
  new Set(nodes.flatMap((node) => [...node.first]))

const meet = (a: Node, b: Node): boolean => {
  for (const each of a.first) if (b.first.has(each)) return true
  return false
}

export const judgePattern = (pattern: string): PatternJudgement => {
  if (pattern.length > longest) return { ok: false, reason: `longer than ${longest} characters` }
  try {
    // only its syntax is looked at; it is never run
    void new RegExp(pattern, "u")
    new Parser(pattern).parse()
    return { ok: true }
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : "it does not parse" }
  }
}
