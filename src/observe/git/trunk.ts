/**
 * Which branch is a repository's trunk: the one its remote's HEAD names, else the one branch of a usual name. Null where
 * neither says it.
 */
import * as path from "node:path"
import { readLine } from "./files.ts"
import type { Place } from "./locate.ts"

const usual = ["main", "master", "trunk", "develop"]

export interface Trunk {
  readonly branch: string
  /** The remote's side of it, where it is known. */
  readonly remoteSha: string | null
}

export const trunkOf = (
  place: Place,
  refs: ReadonlyMap<string, string>,
  remotes: ReadonlyArray<string>,
): Trunk | null => {
  const remote = remotes.includes("origin") ? "origin" : remotes.length === 1 ? remotes[0]! : null
  const prefix = `refs/remotes/${remote}/`
  const head = remote === null ? null : readLine(path.join(place.commonDir, prefix, "HEAD"))
  const named = head?.startsWith(`ref: ${prefix}`) === true ? head.slice(`ref: ${prefix}`.length) : null
  const branch =
    named !== null && refs.has(`refs/heads/${named}`)
      ? named
      : usual.find((name) => refs.has(`refs/heads/${name}`))
  if (branch === undefined) return null
  return { branch, remoteSha: remote === null ? null : (refs.get(`${prefix}${branch}`) ?? null) }
}
