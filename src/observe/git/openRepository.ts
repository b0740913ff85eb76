/**
 * A workspace's repository opened for one reading: place, settings, HEAD and objects, closed when the reading is done.
 * Throws `GitFileError` where there is none, it is broken, or its format is not supported.
 */
import { GitFileError } from "./files.ts"
import { locate, readSettings, type Place, type Settings } from "./locate.ts"
import { openObjects, type Objects } from "./objects.ts"
import { readHead, type Head } from "./refs.ts"

export interface OpenRepository {
  readonly place: Place
  readonly settings: Settings
  readonly head: Exclude<Head, { readonly _tag: "broken" }>
  readonly objects: Objects
}

export const openRepository = (workspace: string): OpenRepository => {
  const refuse = (reason: string): never => {
    throw new GitFileError({ file: workspace, reason })
  }
  const located = locate(workspace)
  if (located._tag === "none") return refuse("no git repository")
  if (located._tag === "broken") return refuse(located.reason)
  const { place } = located
  const settings = readSettings(place)
  const problem = settings.broken ?? settings.unsupported
  if (problem !== null) return refuse(problem)
  const head = readHead(place)
  if (head._tag === "broken") return refuse(head.reason)
  return { place, settings, head, objects: openObjects(place.commonDir, settings.hashBytes) }
}
