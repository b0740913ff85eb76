/**
 * Thinking that a server leaves in the text, between `<think>` and `</think>`, as models of the R1 and Qwen kind write it and
 * local servers without a parser for it pass it on. Pure but for what it holds back.
 * Invariants: only what an answer begins with is taken for thinking; text of which no tag can come any more is never held
 * back; nothing is lost.
 */

const opening = "<think>"
const closing = "</think>"

export interface Told {
  readonly type: "text" | "reasoning"
  readonly text: string
}

/** Characters at the end of `text` that may be the beginning of `tag`. */
const begunAt = (text: string, tag: string): number => {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--)
    if (tag.startsWith(text.slice(-length))) return length
  return 0
}

export class ThinkTags {
  #held = ""
  #state: "begin" | "thinking" | "behind" | "text" = "begin"

  /** What of the answer's text is known to be text or thinking by now. */
  push(delta: string): ReadonlyArray<Told> {
    if (this.#state === "text") return delta === "" ? [] : [{ type: "text", text: delta }]
    this.#held += delta
    switch (this.#state) {
      case "begin": {
        const bare = this.#held.trimStart()
        if (bare.startsWith(opening)) {
          this.#state = "thinking"
          this.#held = ""
          return this.push(bare.slice(opening.length))
        }
        return opening.startsWith(bare) ? [] : this.#rest()
      }
      case "thinking": {
        const at = this.#held.indexOf(closing)
        if (at >= 0) {
          const thought = this.#held.slice(0, at)
          const after = this.#held.slice(at + closing.length)
          this.#state = "behind"
          this.#held = ""
          return [...told("reasoning", thought), ...this.push(after)]
        }
        const kept = begunAt(this.#held, closing)
        const thought = this.#held.slice(0, this.#held.length - kept)
        this.#held = this.#held.slice(this.#held.length - kept)
        return told("reasoning", thought)
      }
      case "behind": {
        // the blank lines that part it from the answer
        this.#held = this.#held.trimStart()
        return this.#held === "" ? [] : this.#rest()
      }
    }
  }

  /** Nothing more comes, or something else than text. */
  end(): ReadonlyArray<Told> {
    const held = this.#held
    this.#held = ""
    const type = this.#state === "thinking" ? "reasoning" : "text"
    this.#state = "text"
    return told(type, held)
  }

  #rest(): ReadonlyArray<Told> {
    this.#state = "text"
    const text = this.#held
    this.#held = ""
    return told("text", text)
  }
}

const told = (type: Told["type"], text: string): ReadonlyArray<Told> => (text === "" ? [] : [{ type, text }])
