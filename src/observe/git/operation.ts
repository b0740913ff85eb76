/** Which operation is under way in a working tree, told by the state files git leaves while it waits for the user. */
import * as path from "node:path"
import { readLine, statFile } from "./files.ts"
import type { Place } from "./locate.ts"

export type Operation = "merge" | "rebase" | "am" | "cherry-pick" | "revert" | "bisect"

export const readOperation = (place: Place): Operation | null => {
  const has = (name: string): boolean => statFile(path.join(place.gitDir, name)) !== null
  if (has("rebase-merge")) return "rebase"
  if (has("rebase-apply")) return has("rebase-apply/applying") ? "am" : "rebase"
  if (has("MERGE_HEAD")) return "merge"
  if (has("CHERRY_PICK_HEAD")) return "cherry-pick"
  if (has("REVERT_HEAD")) return "revert"
  return has("BISECT_LOG") ? "bisect" : null
}

/** The branch a rebase under way will return to. */
export const rebasingBranch = (place: Place): string | null => {
  for (const folder of ["rebase-merge", "rebase-apply"]) {
    const name = readLine(path.join(place.gitDir, folder, "head-name"))
    if (name?.startsWith("refs/heads/") === true) return name.slice("refs/heads/".length)
  }
  return null
}
