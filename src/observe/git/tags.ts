/** Commits that tags and the stash keep alive, from loose and packed refs; bounded. */
import * as path from "node:path"
import { listFolder, readLine, readWhole } from "./files.ts"
import type { Place } from "./locate.ts"
import type { Objects } from "./objects.ts"

const objectName = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const maxTags = 1_500
const maxFolders = 200

/** An annotated tag names its commit; a lightweight one is it. */
const peeled = (objects: Objects, sha: string): string => {
  const tag = objects.read(sha, "tag", 1 << 20)
  return (tag === null ? null : /^object ([0-9a-f]+)$/m.exec(tag.toString("latin1", 0, 200))?.[1]) ?? sha
}

export const taggedTips = (place: Place, objects: Objects): ReadonlyArray<string> => {
  const found: Array<string> = []
  const take = (sha: string | null): void => {
    if (sha !== null && objectName.test(sha) && found.length < maxTags) found.push(sha)
  }
  const pending = ["refs/tags"]
  for (let seen = 0; pending.length > 0 && seen < maxFolders; seen++) {
    const name = pending.shift()!
    for (const entry of listFolder(path.join(place.commonDir, name), maxTags) ?? []) {
      if (entry.dir) pending.push(`${name}/${entry.name}`)
      else take(readLine(path.join(place.commonDir, name, entry.name)))
    }
  }
  const loose = found.map((sha) => peeled(objects, sha))
  found.length = 0
  let tag = false
  for (const line of (readWhole(path.join(place.commonDir, "packed-refs"), 64 << 20) ?? Buffer.alloc(0))
    .toString("utf8")
    .split("\n")) {
    // git writes the commit of an annotated tag in a line of its own behind it
    if (line.startsWith("^")) {
      if (tag) take(line.slice(1))
      continue
    }
    tag = line.includes(" refs/tags/")
    if (tag) take(line.slice(0, line.indexOf(" ")))
  }
  take(readLine(path.join(place.commonDir, "refs", "stash")))
  return [...loose, ...found]
}
