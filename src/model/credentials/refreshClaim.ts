/**
 * Which process spends a refresh token, or writes an entry. A claim is a file beside the store, named after its digest and a number;
 * it is made by link(2), which one of several racers wins, and names its process.
 * Invariants: the holder is the highest number, and only the next number replaces a dead one, so that no racer takes a
 * live claim for the dead one it read before; who has won reads the store once more, because the token may be spent.
 */
import { createHash, randomUUID } from "node:crypto"
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** This process, and whether the one that wrote a mark lives. */
export interface Marks {
  readonly mine: string
  readonly isAlive: (mark: string) => boolean
}

export interface Claim {
  /** `spent`: the token is no more, nor are claims to it. */
  readonly release: (spent: boolean) => void
}

const readMark = (path: string): string | null => {
  try {
    return readFileSync(path, "latin1")
  } catch {
    return null
  }
}

const take = (mine: string, path: string): boolean => {
  try {
    linkSync(mine, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    throw error
  }
}

/** Null: another process that lives holds it. Throws where the folder cannot be written. */
export const claimRefresh = (directory: string, token: string, marks: Marks): Claim | null => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const prefix = `refresh-${createHash("sha256").update(token).digest("hex").slice(0, 16)}.`
  const numbers = (): ReadonlyArray<number> =>
    readdirSync(directory)
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .filter(Number.isSafeInteger)
      .toSorted((a, b) => b - a)
  const path = (number: number) => join(directory, `${prefix}${number}`)
  const aside = join(directory, `.${randomUUID()}`)
  writeFileSync(aside, marks.mine, { flag: "wx", mode: 0o600 })
  try {
    const highest = numbers()[0]
    if (highest !== undefined) {
      const mark = readMark(path(highest))
      if (mark === null || marks.isAlive(mark)) return null
    }
    const number = highest === undefined ? 0 : highest + 1
    if (!take(aside, path(number))) return null
    return {
      release: (spent) => {
        for (const one of spent ? numbers() : [number]) rmSync(path(one), { force: true })
      },
    }
  } finally {
    rmSync(aside, { force: true })
  }
}
