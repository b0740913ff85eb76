/**
 * What a stream of terminal output looks like when it has been printed: lines of plain text. Pure.
 * Follows what programs do to lines they have written (carriage return, erase, cursor up for progress) and drops the rest
 * of the control language; what is drawn on the alternate screen is nobody's output and goes.
 * Invariant: the result holds no control character but LF and tab, and is never much longer than the input.
 */

// eslint-disable-next-line no-control-regex
const strings = /\u001b(?:\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?)/g
// eslint-disable-next-line no-control-regex
const alternate = /\u001b\[\?(?:1049|1047|47)([hl])/g
const token =
  // eslint-disable-next-line no-control-regex
  /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b[ -/]*[0-~]?|([\n\r\b])|([^\u0000-\u0008\u000a-\u001f\u007f-\u009f]+)/g

/** What zsh prints behind output that ends within a line: it comes to nothing only where the screen's edge is known. */
// eslint-disable-next-line no-control-regex
const unendedMark = /(?:\u001b\[[\d;]*m)+[%#](?:\u001b\[[\d;]*m)+ {10,}\r ?\r*$/
/** No terminal is wider or higher that anybody reads. */
const farthest = 500

/** Without what stands between entering and leaving the alternate screen. */
const withoutAlternate = (text: string): string => {
  let kept = ""
  let from = 0
  let outside = true
  for (const found of text.matchAll(alternate)) {
    if (found[1] === "h" && outside) {
      kept += text.slice(from, found.index)
      outside = false
    } else if (found[1] === "l") {
      // entered before this text began
      if (outside) kept = ""
      outside = true
      from = found.index + found[0].length
    }
  }
  return outside ? kept + text.slice(from) : kept
}

class Page {
  readonly lines: Array<string> = [""]
  #row = 0
  #column = 0
  /** Columns that may still be filled with blanks. */
  #blanks: number

  constructor(blanks: number) {
    this.#blanks = blanks
  }

  write(text: string): void {
    const line = this.lines[this.#row]!
    const gap = this.#column - line.length
    if (gap > this.#blanks) this.#column = line.length
    else if (gap > 0) this.#blanks -= gap
    this.lines[this.#row] =
      gap >= 0
        ? line.padEnd(this.#column) + text
        : line.slice(0, this.#column) + text + line.slice(this.#column + text.length)
    this.#column += text.length
  }

  control(character: string): void {
    if (character === "\r") this.#column = 0
    else if (character === "\b") this.#column = Math.max(0, this.#column - 1)
    else {
      this.#column = 0
      this.#row += 1
      if (this.#row === this.lines.length) this.lines.push("")
    }
  }

  sequence(parameters: string, final: string): void {
    const count = Math.min(farthest, Math.max(1, Number.parseInt(parameters, 10) || 1))
    const line = this.lines[this.#row]!
    switch (final) {
      case "A":
        this.#row = Math.max(0, this.#row - count)
        break
      case "B":
        this.#row = Math.min(this.lines.length - 1, this.#row + count)
        break
      case "C":
        this.#column += count
        break
      case "D":
        this.#column = Math.max(0, this.#column - count)
        break
      case "G":
        this.#column = count - 1
        break
      case "J":
        if (parameters === "" || parameters === "0") {
          this.lines.length = this.#row + 1
          this.lines[this.#row] = line.slice(0, this.#column)
        } else if (parameters === "2" || parameters === "3") {
          this.lines.splice(0, this.lines.length, "")
          this.#row = 0
        }
        break
      case "K":
        this.lines[this.#row] =
          parameters === "2"
            ? ""
            : parameters === "1"
              ? " ".repeat(Math.min(this.#column, line.length)) + line.slice(this.#column)
              : line.slice(0, this.#column)
        break
    }
  }
}

export const plainText = (text: string): string => {
  const page = new Page(Math.max(10_000, text.length))
  for (const [, parameters, final, control, run] of withoutAlternate(text)
    .replace(strings, "")
    .replace(unendedMark, "")
    .matchAll(token)) {
    if (run !== undefined) page.write(run)
    else if (control !== undefined) page.control(control)
    else if (final !== undefined) page.sequence(parameters ?? "", final)
  }
  return page.lines
    .map((line) => line.trimEnd())
    .join("\n")
    .replace(/^\n+|\n+$/g, "")
}
