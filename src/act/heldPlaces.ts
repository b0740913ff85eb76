/**
 * Which placeholders running commands hold: two commands in one workspace share them, and the last one takes them
 * away.
 */
import { placePlaceholder, removePlaceholder } from "./protectedPaths.ts"

export interface HeldPlaces {
  /** Those that could be placed; all or, where one fails, none. */
  readonly hold: (paths: ReadonlyArray<string>) => ReadonlyArray<string>
  readonly letGo: (paths: ReadonlyArray<string>) => void
  readonly isHeld: (path: string) => boolean
  /** All that are held now, by whomever. */
  readonly all: () => ReadonlyArray<string>
}

export const heldPlaces = (): HeldPlaces => {
  const holders = new Map<string, number>()
  const letGo = (paths: ReadonlyArray<string>): void => {
    for (const path of paths) {
      const left = (holders.get(path) ?? 1) - 1
      if (left > 0) holders.set(path, left)
      else {
        holders.delete(path)
        removePlaceholder(path)
      }
    }
  }
  const hold = (paths: ReadonlyArray<string>): ReadonlyArray<string> => {
    const held: Array<string> = []
    try {
      for (const path of paths) {
        if (!placePlaceholder(path, held[0])) continue
        holders.set(path, (holders.get(path) ?? 0) + 1)
        held.push(path)
      }
      return held
    } catch (error) {
      letGo(held)
      throw error
    }
  }
  return { hold, letGo, isHeld: (path) => holders.has(path), all: () => [...holders.keys()] }
}
