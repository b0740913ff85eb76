/**
 * Patches as text, in the two forms that are written: the envelope (`*** Begin Patch` ... `*** End Patch`, with `*** Add
 * File:`, `*** Update File:`, `*** Delete File:`, `*** Move to:`) and the unified diff (`---`, `+++`, `@@ -1,2 +1,3 @@`, git's
 * renames). Pure. The gate and the tool read a patch by this one function, so what is judged is what is done.
 * Invariant: a line that belongs to nothing, a binary patch or a change of mode makes the whole patch wrong; nothing of a
 * patch is ever left out in silence.
 */
export interface Hunk {
  /** A line that must come before, to find the place by; null: none. */
  readonly anchor: string | null
  /** Line of the old file where it should be, from 1; null: not said. */
  readonly at: number | null
  readonly old: ReadonlyArray<string>
  readonly now: ReadonlyArray<string>
  /** It reaches the end of the file. */
  readonly atEnd: boolean
  /** Whether the new last line has a line end; null: as it was. */
  readonly endsLine: boolean | null
}

export type PatchPart =
  | { readonly _tag: "add"; readonly path: string; readonly text: string }
  /** `content`: the lines the file must hold; null where the patch does not say. */
  | { readonly _tag: "delete"; readonly path: string; readonly content: ReadonlyArray<string> | null }
  | {
      readonly _tag: "update"
      readonly path: string
      readonly moveTo: string | null
      readonly hunks: ReadonlyArray<Hunk>
    }

export type Patch =
  | { readonly parts: ReadonlyArray<PatchPart> }
  /** `line` counts from 1. */
  | { readonly problem: string; readonly line: number }

/** Thrown inside this folder only. */
export class WrongPatch extends Error {
  readonly line: number
  constructor(problem: string, line: number) {
    super(problem)
    this.line = line
  }
}

/** Lines of a patch, with where one is. */
export class Lines {
  readonly #lines: ReadonlyArray<string>
  #at = 0

  constructor(text: string) {
    const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    if (lines.at(-1) === "") lines.pop()
    this.#lines = lines
  }

  get number(): number {
    return this.#at + 1
  }
  /** Null at the end. */
  peek(ahead = 0): string | null {
    return this.#lines[this.#at + ahead] ?? null
  }
  take(): string {
    const line = this.#lines[this.#at++]
    if (line === undefined) throw new WrongPatch("the patch ends too early", this.#lines.length)
    return line
  }
  wrong(problem: string): WrongPatch {
    return new WrongPatch(problem, this.number)
  }
}

/** Every path a part of a patch reads, writes and removes. */
export const pathsOf = (
  part: PatchPart,
): {
  readonly reads: ReadonlyArray<string>
  readonly writes: ReadonlyArray<string>
  readonly deletes: ReadonlyArray<string>
} => {
  const { path } = part
  switch (part._tag) {
    case "add":
      return { reads: [], writes: [path], deletes: [] }
    case "delete":
      return { reads: [path], writes: [], deletes: [path] }
    case "update":
      return part.moveTo === null
        ? { reads: [path], writes: [path], deletes: [] }
        : { reads: [path], writes: [part.moveTo], deletes: [path] }
  }
}
