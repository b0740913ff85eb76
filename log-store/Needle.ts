/**
 * A text that is looked for in payloads, in any case. It is found where the payload's JSON has it as it stands (what
 * `--json` prints), or where one of its strings says it: quotes, backslashes and line ends are escaped in the JSON, so
 * the escaped text is looked for too, but never in the middle of an escape.
 * Invariant: letters are compared as JavaScript's `i` flag does; an ASCII letter equals an ASCII letter only, so that
 * an ASCII needle can be looked for in UTF-8 bytes as they lie.
 */

const escapeForPattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")
/** Matches the text in any case. */
export const inAnyCase = (text: string): RegExp => new RegExp(escapeForPattern(text), "i")
export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text)

export class Needle {
  readonly text: string
  /** As it stands inside a JSON string. */
  readonly escaped: string
  readonly #raw: RegExp
  /** Null where it is the same. */
  readonly #inString: RegExp | null

  constructor(text: string) {
    this.text = text
    this.escaped = JSON.stringify(text).slice(1, -1)
    this.#raw = inAnyCase(text)
    // An even number of backslashes before it: what follows is not part of an escape.
    this.#inString =
      this.escaped === text
        ? null
        : new RegExp(`(?<!\\\\)(?:\\\\\\\\)*${escapeForPattern(this.escaped)}`, "i")
  }

  inText(json: string): boolean {
    return this.#raw.test(json) || (this.#inString !== null && this.#inString.test(json))
  }
}
