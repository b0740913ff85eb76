/**
 * Comments addressed to Claw in saved files. Invariants: reads only, inside the workspace, no file that git would ignore,
 * is larger than 1 MB, or holds secrets by its name.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { clawComments } from "../../domain/clawComments.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { isSecretPath, placeOf, readPlain, within } from "./confine.ts"
import { isIgnoredIn } from "./ignored.ts"

const mostFiles = 100
const largestFile = 1024 * 1024
const mostComments = 20

export const comments = async (
  workspace: string,
  paths: ReadonlyArray<string>,
): Promise<ProbeAnswer<"comments">> => {
  const found: Array<ProbeAnswer<"comments">[number]> = []
  const isIgnored = isIgnoredIn(workspace)
  for (const path of paths.slice(0, mostFiles)) {
    if (found.length >= mostComments) break
    const place = await placeOf(workspace, path)
    if (place.kind !== "inside" || isSecretPath(path) || isSecretPath(place.real)) continue
    if (isIgnored(within(workspace, place.path))) continue
    const read = await readPlain(place.real, largestFile)
    if (typeof read === "string") continue
    for (const comment of clawComments(redactSecrets(read.text)))
      if (found.length < mostComments) found.push({ path, ...comment })
  }
  return found
}
