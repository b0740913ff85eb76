/**
 * TOML with places: a thin wrapper over smol-toml that also says where each key and array element stands,
 * so that every complaint about a file can name line and column.
 * Invariant: positions come from a scan that runs only over text smol-toml has accepted, so the scan may
 * assume well-formed input; a path it does not know falls back to the nearest known ancestor.
 */
import { Result } from "effect"
import { parse, TomlError } from "smol-toml"

export interface Position {
  readonly line: number
  readonly column: number
}
export interface TomlProblem extends Position {
  readonly message: string
}
export type TomlPath = ReadonlyArray<string | number>
export interface TomlDocument {
  readonly value: Readonly<Record<string, unknown>>
  /** Where the key (or array element) of this path stands; its nearest known ancestor otherwise; 1:1 at worst. */
  readonly locate: (path: TomlPath) => Position
}

const separator = "\u0000"
const keyOf = (path: TomlPath): string => path.join(separator)

/** Walks accepted TOML once and notes the offset of each key, table header and array element. */
class Scan {
  private at = 0
  private readonly offsets = new Map<string, number>()
  private readonly counts = new Map<string, number>()
  private readonly text: string

  constructor(text: string) {
    this.text = text
  }

  run(): ReadonlyMap<string, number> {
    let prefix: TomlPath = []
    for (;;) {
      this.blank()
      if (this.at >= this.text.length) return this.offsets
      if (this.text.startsWith("[[", this.at)) prefix = this.header(2)
      else if (this.text[this.at] === "[") prefix = this.header(1)
      else this.pair(prefix)
    }
  }

  private note(path: TomlPath, offset: number): void {
    const key = keyOf(path)
    if (!this.offsets.has(key)) this.offsets.set(key, offset)
  }

  private blank(): void {
    for (; this.at < this.text.length; this.at++) {
      const c = this.text[this.at]!
      if (c === "#") {
        const end = this.text.indexOf("\n", this.at)
        this.at = end < 0 ? this.text.length : end
      } else if (!/[\s,]/.test(c)) return
    }
  }

  private header(width: 1 | 2): TomlPath {
    const start = this.at
    this.at += width
    const keys = this.keys("]")
    this.at += width
    let path: Array<string | number> = []
    keys.forEach((key, index) => {
      path = [...path, key]
      const name = keyOf(path)
      const last = index === keys.length - 1
      if (last && width === 2) this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
      const count = this.counts.get(name)
      if (count !== undefined) path = [...path, count - 1]
    })
    this.note(path, start)
    return path
  }

  private keys(end: string): ReadonlyArray<string> {
    const found: Array<string> = []
    while (this.at < this.text.length && this.text[this.at] !== end) {
      const c = this.text[this.at]!
      if (c === '"' || c === "'") found.push(this.quoted())
      else if (/[\s.]/.test(c)) this.at++
      else {
        const bare = /[^\s.=\]]+/y
        bare.lastIndex = this.at
        const word = bare.exec(this.text)?.[0] ?? c
        found.push(word)
        this.at += word.length
      }
    }
    return found
  }

  private quoted(): string {
    const start = this.at
    this.string()
    const raw = this.text.slice(start + 1, this.at - 1)
    return this.text[start] === "'" ? raw : raw.replace(/\\(.)/g, "$1")
  }

  private string(): void {
    const quote = this.text[this.at]!
    const long = this.text.startsWith(quote.repeat(3), this.at)
    const end = long ? quote.repeat(3) : quote
    this.at += end.length
    while (this.at < this.text.length && !this.text.startsWith(end, this.at)) {
      this.at += quote === '"' && this.text[this.at] === "\\" ? 2 : 1
    }
    this.at += end.length
    while (long && this.text[this.at] === quote) this.at++
  }

  private pair(prefix: TomlPath): void {
    const start = this.at
    const path = [...prefix, ...this.keys("=")]
    this.note(path, start)
    this.at++
    this.value(path)
  }

  private value(path: TomlPath): void {
    this.blank()
    const c = this.text[this.at]
    if (c === '"' || c === "'") return this.string()
    if (c === "[") {
      this.at++
      for (let index = 0; ; index++) {
        this.blank()
        if (this.at >= this.text.length || this.text[this.at] === "]") break
        this.note([...path, index], this.at)
        this.value([...path, index])
      }
      this.at++
      return
    }
    if (c === "{") {
      this.at++
      for (;;) {
        this.blank()
        if (this.at >= this.text.length || this.text[this.at] === "}") break
        this.pair(path)
      }
      this.at++
      return
    }
    while (this.at < this.text.length && !/[\n,\]}#]/.test(this.text[this.at]!)) this.at++
  }
}

const positionAt = (text: string, offset: number): Position => {
  const before = text.slice(0, offset)
  const line = before.split("\n").length
  return { line, column: offset - before.lastIndexOf("\n") }
}

export const parseToml = (text: string): Result.Result<TomlDocument, TomlProblem> => {
  let value: Record<string, unknown>
  try {
    value = parse(text, { unsafeKeyBehaviour: "throw", maxDepth: 100 })
  } catch (error) {
    if (!(error instanceof TomlError)) return Result.fail({ message: String(error), line: 1, column: 1 })
    const message = error.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "")
    return Result.fail({ message, line: error.line, column: error.column })
  }
  let offsets: ReadonlyMap<string, number> | undefined
  const locate = (path: TomlPath): Position => {
    offsets ??= new Scan(text).run()
    for (let length = path.length; length > 0; length--) {
      const offset = offsets.get(keyOf(path.slice(0, length)))
      if (offset !== undefined) return positionAt(text, offset)
    }
    return { line: 1, column: 1 }
  }
  return Result.succeed({ value, locate })
}
