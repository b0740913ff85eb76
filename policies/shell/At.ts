/** Where in a call a command stands, and the tools to take it apart. Types only. */
import type { Collector } from "../Collector.ts"
import type { CommandTable } from "../CommandTable.ts"

export interface At {
  readonly cwd: string
  /** Assignments before the program. */
  readonly env: Readonly<Record<string, string>>
  /** What a pipe or here-document would feed it, where that is known. */
  readonly stdin: string | null
  readonly depth: number
  /** It was written in the plain subset and stands by itself: only then can it be read-only. */
  readonly plain: boolean
}

export interface Tools {
  readonly collector: Collector
  readonly table: CommandTable
  /** Judges one command. */
  readonly command: (argv: ReadonlyArray<string>, at: At) => void
  /** Judges shell text. */
  readonly script: (text: string, at: At) => void
}

/** Scripts in scripts: past this there is no honest reason left. */
export const deepest = 8

export const inner = (at: At): At => ({ ...at, depth: at.depth + 1, plain: false })
