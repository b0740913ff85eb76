/**
 * Which variables a folder's example names and its `.env` does not. Invariant: names only; what stands behind the `=` of a
 * `.env` is dropped as it is read, and neither it nor any of its names leaves here: the names are the example's.
 */
import { lstat } from "node:fs/promises"
import { join } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readCommit } from "../git/commits.ts"
import { openRepository } from "../git/openRepository.ts"
import { openTrees } from "../git/treeBlobs.ts"
import { placeOf, readPlain, Unavailable, within } from "./confine.ts"

const examples = [".env.example", ".env.sample", ".env.template", ".env.dist", "example.env"]
const maximumBytes = 262_144
const maximumNames = 100

/** Names that are given something, or nothing, on a line of their own; what is commented out is not wanted. */
const namesIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,99})[ \t]*=/gm)].map(
      ([, name]) => name!,
    ),
  )

const textAt = async (workspace: string, path: string): Promise<string | null> => {
  const place = await placeOf(workspace, path)
  if (place.kind !== "inside") return null
  const read = await readPlain(place.real, maximumBytes)
  if (typeof read === "string") throw new Unavailable(`${within(workspace, path)} cannot be read: ${read}`)
  return read.text
}

/** Names of the example as it was; null: it cannot be told. */
const namesThen = (workspace: string, path: string, sha: string): ReadonlySet<string> | null => {
  if (!/^[0-9a-f]{40,64}$/.test(sha)) return null
  const open = openRepository(workspace)
  try {
    const tree = readCommit(open.objects, sha)?.tree
    if (tree === undefined) return null
    const blob = openTrees(open.objects).blobAt(tree, path)
    if (blob === null) return new Set()
    const text = open.objects.read(blob, "blob", maximumBytes)
    return text === null ? null : namesIn(text.toString("utf8"))
  } finally {
    open.objects.close()
  }
}

export const envNames = async (
  workspace: string,
  dir: string,
  since: string | null,
): Promise<ProbeAnswer<"envNames">> => {
  for (const name of examples) {
    const path = join(dir, name)
    const text = await textAt(workspace, path)
    if (text === null) continue
    const wanted = namesIn(text)
    const own = join(dir, ".env")
    const present = (await lstat(join(workspace, own)).catch(() => null)) !== null
    const has = namesIn((await textAt(workspace, own)) ?? "")
    const missing = [...wanted].filter((each) => !has.has(each)).slice(0, maximumNames)
    const then = since === null ? null : namesThen(workspace, path, since)
    return {
      example: path,
      present,
      missing,
      added: then === null ? null : missing.filter((each) => !then.has(each)),
    }
  }
  return null
}
