/**
 * Removes what a test made, although a program it started may still be ending: a shell that was hung up writes its
 * history into the folder that is being emptied, and the folder is then "not empty" once more.
 */
import { rmSync } from "node:fs"

export const removeTree = (path: string): void =>
  rmSync(path, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 })
