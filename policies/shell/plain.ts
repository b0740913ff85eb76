/**
 * The plain subset of shell: what it accepts means the same to every shell and to nobody anything else, so it
 * can run as argv lists without a shell. Words of harmless characters, '...' and "..." without anything live in
 * them, and the operators `&&`, `||`, `;`, `|`.
 * Invariant: whatever is not certainly plain is refused with its place; nothing is guessed or repaired.
 */
import { isHarmless } from "../../src/domain/neutralise.ts"

export type Operator = "&&" | "||" | ";" | "|"

export interface PlainCommand {
  readonly argv: ReadonlyArray<string>
  /** Assignments before the program; only names and values known as harmless get here. */
  readonly env: Readonly<Record<string, string>>
  /** What stands between this command and the next; null after the last. */
  readonly next: Operator | null
}
export type Plain =
  | { readonly ok: true; readonly commands: ReadonlyArray<PlainCommand> }
  | { readonly ok: false; readonly reason: string; readonly column: number }

const longestCommand = 10_000
const mostCommands = 50

const wordCharacter = /[A-Za-z0-9_./:@%+=,^-]/
const otherScript = /[\p{L}\p{N}\p{M}]/u
const reserved = new Set(
  "! [[ ]] { } case coproc do done elif else esac fi for function if in select then time until while".split(
    " ",
  ),
)
const harmlessVariable = /^(?:LANG|LANGUAGE|LC_[A-Z]+|NO_COLOR|FORCE_COLOR|CLICOLOR|TZ)$/
const harmlessValue = /^[A-Za-z0-9_.@+-]{0,40}$/
const assignment = /^([A-Za-z_][A-Za-z0-9_]*)\+?=(.*)$/s

const mayBeQuoted = (c: string, quote: string): boolean =>
  c !== "\n" &&
  c !== "\t" &&
  isHarmless(c) &&
  !/[\p{C}\p{Zl}\p{Zp}]/u.test(c) &&
  (c === " " || !/\p{Zs}/u.test(c)) &&
  (quote === "'" || !/[$`\\!]/.test(c))

const shown = (c: string): string =>
  isHarmless(c) && c !== "\n" && c !== "\t"
    ? c
    : `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}`

interface Word {
  readonly text: string
  readonly quoted: boolean
  readonly ascii: boolean
}

class Reader {
  private at = 0
  private readonly text: ReadonlyArray<string>
  refused: { readonly reason: string; readonly column: number } | null = null

  constructor(text: string) {
    this.text = [...text]
  }

  refuse(reason: string, column = this.at + 1): null {
    this.refused ??= { reason: `not plain: ${reason} at column ${column}`, column }
    return null
  }

  get column(): number {
    return this.at + 1
  }

  blank(): void {
    while (this.text[this.at] === " ") this.at++
  }

  get ended(): boolean {
    return this.at >= this.text.length
  }

  operator(): Operator | null {
    const c = this.text[this.at]
    const doubled = this.text[this.at + 1] === c
    if (c === ";" && !doubled) return this.take(";")
    if (c === "|") return doubled ? this.take("||") : this.text[this.at + 1] === "&" ? null : this.take("|")
    if (c === "&" && doubled && this.text[this.at + 2] !== "&") return this.take("&&")
    return null
  }

  private take(operator: Operator): Operator {
    this.at += operator.length
    return operator
  }

  word(): Word | null {
    let text = ""
    let quoted = false
    let ascii = true
    for (; !this.ended; this.at++) {
      const c = this.text[this.at]!
      if (c === " " || c === ";" || c === "|" || c === "&") break
      if (c === "'" || c === '"') {
        const piece = this.quoted(c)
        if (piece === null) return null
        quoted = true
        text += piece
      } else if (wordCharacter.test(c)) text += c
      else if (c === "~" && /[A-Za-z0-9^@~]$/.test(text) && !/^[\w-]*[=:]/.test(text)) text += c
      else if (c.codePointAt(0)! > 0x7f && otherScript.test(c) && isHarmless(c)) {
        ascii = false
        text += c
      } else return this.refuse(shown(c))
    }
    return { text, quoted, ascii }
  }

  private quoted(quote: string): string | null {
    const start = this.at
    let piece = ""
    for (this.at++; !this.ended; this.at++) {
      const c = this.text[this.at]!
      if (c === quote) return piece
      if (!mayBeQuoted(c, quote)) return this.refuse(`${shown(c)} in quotes`)
      piece += c
    }
    return this.refuse("a quote that is never closed", start + 1)
  }
}

const refusal = (reader: Reader): Plain => ({ ok: false, ...reader.refused! })

export const readPlain = (text: string): Plain => {
  if (text.length > longestCommand)
    return { ok: false, reason: `not plain: more than ${longestCommand} characters`, column: longestCommand }
  const reader = new Reader(text)
  const commands: Array<PlainCommand> = []
  for (;;) {
    const argv: Array<string> = []
    const env: Record<string, string> = {}
    let next: Operator | null = null
    for (;;) {
      reader.blank()
      if (reader.ended) break
      next = reader.operator()
      if (next !== null) break
      const column = reader.column
      const word = reader.word()
      if (word === null) return refusal(reader)
      if (column === reader.column) return refuse(reader, "an operator outside the plain ones", column)
      if (argv.length > 0) {
        argv.push(word.text)
        continue
      }
      const assigned = assignment.exec(word.text)
      if (assigned !== null) {
        const [, name = "", value = ""] = assigned
        if (
          word.quoted ||
          !harmlessVariable.test(name) ||
          !harmlessValue.test(value) ||
          word.text.includes("+=")
        )
          return refuse(reader, `an assignment to ${name}`, column)
        env[name] = value
      } else if (word.quoted || !word.ascii || reserved.has(word.text) || !/^[A-Za-z0-9_./[]/.test(word.text))
        return refuse(reader, "a program name that is quoted, reserved or not ASCII", column)
      else argv.push(word.text)
    }
    if (argv.length === 0) return refuse(reader, "an empty command", reader.column)
    commands.push({ argv, env, next })
    if (commands.length > mostCommands)
      return refuse(reader, `more than ${mostCommands} commands`, reader.column)
    if (next === null) return { ok: true, commands }
  }
}

const refuse = (reader: Reader, reason: string, column: number): Plain => {
  reader.refuse(reason, column)
  return refusal(reader)
}

/** As run without a shell: the assignments become words of `env`. */
export const argvOf = (command: PlainCommand): ReadonlyArray<string> => {
  const set = Object.entries(command.env).map(([name, value]) => `${name}=${value}`)
  return set.length === 0 ? command.argv : ["env", ...set, ...command.argv]
}
