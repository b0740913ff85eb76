/**
 * Changes one setting in the text of a `claw.config.ts` and leaves every other character as it is. Pure.
 * Invariant: what cannot be found for sure is refused and not guessed; whoever writes the result evaluates it first,
 * because only running the file says what it means.
 */
import { Result } from "effect"

type Value = string | number | boolean

interface Token {
  readonly kind: "word" | "string" | "number" | "mark"
  readonly text: string
  readonly start: number
  readonly end: number
}

const shapes: ReadonlyArray<readonly [kind: Token["kind"] | "blank", shape: RegExp]> = [
  ["blank", /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y],
  ["string", /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|`(?:[^`\\$]|\\[^])*`/y],
  ["number", /\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?/iy],
  ["word", /[A-Za-z_$][\w$]*/y],
  ["mark", /\.\.\.|[^]/y],
]

const tokensOf = (text: string): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  let at = 0
  while (at < text.length) {
    for (const [kind, shape] of shapes) {
      shape.lastIndex = at
      const found = shape.exec(text)
      if (found === null) continue
      const end = at + found[0].length
      if (kind !== "blank") tokens.push({ kind, text: found[0], start: at, end })
      at = end
      break
    }
  }
  return tokens
}

const opens = new Set(["{", "[", "("])
const closes = new Set(["}", "]", ")"])

interface Member {
  readonly key: string
  /** Tokens of its value, from the first to before the last. */
  readonly from: number
  readonly to: number
}

/** Members of the object whose `{` is token `open`; null where it does not close. */
const membersOf = (tokens: ReadonlyArray<Token>, open: number): ReadonlyArray<Member> | null => {
  const members: Array<Member> = []
  let depth = 0
  let start = open + 1
  for (let index = open + 1; index < tokens.length; index++) {
    const { text } = tokens[index]!
    const ends = depth === 0 && (text === "," || text === "}")
    if (ends) {
      const key = tokens[start]
      if (key !== undefined && index > start + 2 && tokens[start + 1]?.text === ":") {
        const name = key.kind === "string" ? key.text.slice(1, -1) : key.text
        members.push({ key: name, from: start + 2, to: index })
      }
      if (text === "}") return members
      start = index + 1
    } else if (opens.has(text)) depth++
    else if (closes.has(text)) depth--
  }
  return null
}

/** The `{` of `export default { ... }` or `export default defineConfig({ ... })`. */
const rootOf = (tokens: ReadonlyArray<Token>): number | null => {
  const at = tokens.findIndex(({ text }, index) => text === "default" && tokens[index - 1]?.text === "export")
  if (at < 0) return null
  const first = tokens[at + 1]?.text === "defineConfig" && tokens[at + 2]?.text === "(" ? at + 3 : at + 1
  return tokens[first]?.text === "{" ? first : null
}

const isLiteral = (tokens: ReadonlyArray<Token>, { from, to }: Member): boolean => {
  const [first, second] = [tokens[from]!, tokens[from + 1]]
  if (to - from === 2) return first.text === "-" && second?.kind === "number"
  return (
    to - from === 1 &&
    (first.kind === "number" || first.kind === "string" || first.text === "true" || first.text === "false")
  )
}

const inserted = (text: string, tokens: ReadonlyArray<Token>, open: number, member: string): string => {
  const at = tokens[open]!.end
  const next = tokens[open + 1]!
  const between = text.slice(at, next.start)
  const line = between.lastIndexOf("\n")
  if (next.text === "}" && !between.trim().startsWith("/")) {
    return line < 0
      ? `${text.slice(0, at)} ${member} ${text.slice(next.start)}`
      : `${text.slice(0, at)}\n${between.slice(line + 1)}  ${member},${text.slice(at)}`
  }
  return line < 0
    ? `${text.slice(0, at)} ${member},${text.slice(at)}`
    : `${text.slice(0, at)}\n${between.slice(line + 1)}${member},${text.slice(at)}`
}

/** The text with `section.key` set; or why it is better done by hand. */
export const withSetting = (
  text: string,
  section: string,
  key: string,
  value: Value,
): Result.Result<string, string> => {
  const tokens = tokensOf(text)
  const root = rootOf(tokens)
  const members = root === null ? null : membersOf(tokens, root)
  if (root === null || members === null)
    return Result.fail("its default export is not an object that is written out")
  const literal = JSON.stringify(value)
  const outer = members.findLast((member) => member.key === section)
  if (outer === undefined)
    return Result.succeed(inserted(text, tokens, root, `${section}: { ${key}: ${literal} }`))
  const within = tokens[outer.from]?.text === "{" ? membersOf(tokens, outer.from) : null
  if (within === null) return Result.fail(`${section} is not an object that is written out`)
  const inner = within.findLast((member) => member.key === key)
  if (inner === undefined) return Result.succeed(inserted(text, tokens, outer.from, `${key}: ${literal}`))
  if (!isLiteral(tokens, inner)) return Result.fail(`${section}.${key} is not a plain value there`)
  const [from, to] = [tokens[inner.from]!.start, tokens[inner.to - 1]!.end]
  return Result.succeed(`${text.slice(0, from)}${literal}${text.slice(to)}`)
}

/** A file with this setting alone. */
export const newConfig = (section: string, key: string, value: Value): string =>
  `import { defineConfig } from "claw-assistant/config"\n\nexport default defineConfig({\n  ${section}: { ${key}: ${JSON.stringify(value)} },\n})\n`
