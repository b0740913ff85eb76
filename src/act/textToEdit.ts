/**
 * A file that a tool is to edit as text, as it is now.
 * Invariant: it lies in the workspace, is no guarded one, is there, and comes back from its text to the same bytes.
 */
import { Effect } from "effect"
import { attempt, refused } from "./attempt.ts"
import { textOf } from "./fileText.ts"
import { refuseGuardedWrite } from "./guarded.ts"
import { resolveInside, shown } from "./paths.ts"
import { captureFile } from "./replacePlan.ts"
import type { ToolContext } from "./Tool.ts"

export const textToEdit = Effect.fnUntraced(function* (given: string, { cwd, workspace }: ToolContext) {
  const what = `edit ${given}`
  const path = yield* attempt(what, async () => {
    const real = await resolveInside(given, cwd, workspace)
    refuseGuardedWrite(workspace, real)
    return real
  })
  const name = shown(workspace, path)
  const before = yield* attempt(what, () => captureFile(path, workspace))
  if (before.bytes === null) return yield* refused(`${name} does not exist`)
  const content = textOf(before.bytes)
  if ("binary" in content) return yield* refused(`${name} is binary: ${content.binary}`)
  if (!content.valid) return yield* refused(`${name} is not valid UTF-8; an edit would change other bytes`)
  return { before, name, path, text: content.text }
})
