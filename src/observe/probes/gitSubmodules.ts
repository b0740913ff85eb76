/** Submodules: the commit the index records against the one that is checked out. Of a submodule only its HEAD is read. */
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readCommit, textOf } from "../git/commits.ts"
import { isTrue, lastValue, parseConfig } from "../git/config.ts"
import { GitFileError, readWhole } from "../git/files.ts"
import { readIndex } from "../git/indexFile.ts"
import { locate, type Place } from "../git/locate.ts"
import { openObjects } from "../git/objects.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { readHead } from "../git/refs.ts"

const gitlinkMode = 0o160000
const maxSubmodules = 100

const hasCommit = (place: Place, hashBytes: 20 | 32, sha: string): boolean => {
  const objects = openObjects(place.commonDir, hashBytes)
  try {
    return readCommit(objects, sha) !== null
  } finally {
    objects.close()
  }
}

/** Inside the workspace by its real path: the index may name anything. */
const folderOf = (workspace: string, name: string): string | null => {
  try {
    const folder = fs.realpathSync(path.join(workspace, name))
    return folder.startsWith(`${fs.realpathSync(workspace)}/`) ? folder : null
  } catch {
    return null
  }
}

export const gitSubmodules = (open: OpenRepository): ProbeAnswer<"gitSubmodules"> => {
  const { place, settings } = open
  if (settings.bare) return []
  const index = readIndex(path.join(place.gitDir, "index"), settings.hashBytes)
  const links: Array<{ readonly name: string; readonly sha: string }> = []
  for (let at = 0; at < index.count && links.length < maxSubmodules; at++) {
    if ((index.modeAt(at) & 0o170000) === gitlinkMode && index.stageAt(at) === 0)
      links.push({ name: textOf(index.pathAt(at)), sha: index.shaAt(at) })
  }
  if (links.length === 0) return []
  const modules = parseConfig(
    readWhole(path.join(place.workspace, ".gitmodules"), 1 << 20)?.toString("utf8") ?? "",
  )
  const nameOf = (at: string): string =>
    modules.entries.find(
      (entry) => entry.section === "submodule" && entry.key === "path" && entry.value === at,
    )?.subsection ?? at
  return links.map(({ name, sha }) => {
    const update = lastValue(settings.entries, "submodule", nameOf(name), "update")
    const active = lastValue(settings.entries, "submodule", nameOf(name), "active")
    const base = {
      path: name,
      recorded: sha,
      left: update === "none" || (active !== undefined && !isTrue(active)),
    }
    const none = { ...base, checkedOut: null, branch: null, present: false }
    const folder = folderOf(place.workspace, name)
    if (folder === null) return none
    try {
      const located = locate(folder)
      if (located._tag !== "found") return none
      const head = readHead(located.place)
      if (head._tag === "broken") return none
      return {
        ...base,
        checkedOut: head.sha,
        branch: head._tag === "branch" ? head.branch : null,
        present: hasCommit(located.place, settings.hashBytes, sha),
      }
    } catch (error) {
      if (error instanceof GitFileError) return none
      throw error
    }
  })
}
