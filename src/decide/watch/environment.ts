/** What git brought says which tools or variables a folder wants -> `environment.changed`, one a folder. */
import { dirName, isVendored } from "../paths.ts"
import { isEnvironmentFile } from "../reflexes/environment.ts"
import { type Candidate, candidate } from "./found.ts"
import type { MovedEvent } from "./git.ts"

const maxDirs = 3

const words: Readonly<Record<MovedEvent["type"], string | null>> = {
  "git.pull": "a pull",
  "git.merge": "a merge",
  "git.checkout": "a switch",
  "git.rebase": "a rebase",
  "git.reset": null,
  "git.cherry-pick": null,
  "git.revert": null,
}

/** The user's own steps back and forth bring nothing he does not know. */
export const environmentCandidates = (event: MovedEvent, workspace: string): ReadonlyArray<Candidate> => {
  const how = words[event.type]
  const files = event.payload.files.filter((path) => !isVendored(path) && isEnvironmentFile(path))
  if (how === null || event.payload.from === event.payload.to) return []
  return [...new Set(files.map(dirName))].slice(0, maxDirs).map((dir) =>
    candidate("environment.changed", workspace, event, {
      subject: dir,
      evidence: [event.seq],
      data: { dir, files: files.filter((path) => dirName(path) === dir), from: event.payload.from, how },
    }),
  )
}
