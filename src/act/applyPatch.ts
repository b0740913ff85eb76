/**
 * `apply_patch`: a patch over files of the workspace, in the envelope form or as a unified diff; all of it or nothing.
 * Invariants: every hunk fits exactly; a file is named once; what the gate judged is what is changed, because both read the
 * patch by the same function.
 */
import { Effect, Schema } from "effect"
import { pathsOf, type PatchPart } from "../domain/patch/patch.ts"
import { readPatch } from "../domain/patch/readPatch.ts"
import { applyHunks } from "./applyHunks.ts"
import { attempt, refused, wrongInput } from "./attempt.ts"
import { changePlan, type FileChange } from "./changePlan.ts"
import { defineTool } from "./defineTool.ts"
import { textOf } from "./fileText.ts"
import { refuseGuardedWrite } from "./guarded.ts"
import { resolveInside, shown } from "./paths.ts"
import type { ActSettings } from "./planParts.ts"
import { captureFile } from "./replacePlan.ts"
import type { ToolContext } from "./Tool.ts"

const maxFiles = 200

const Input = Schema.Struct({
  patch: Schema.String.check(Schema.isMinLength(1)).annotate({
    description:
      'Either "*** Begin Patch" ... "*** End Patch" with "*** Add File: p", "*** Update File: p" (hunks: "@@ line to find the place by", then lines that begin with a space, - or +), "*** Delete File: p", "*** Move to: p"; or a unified diff',
  }),
})

const place = (path: string, context: ToolContext) =>
  attempt(`patch ${path}`, async () => {
    const real = await resolveInside(path, context.cwd, context.workspace)
    refuseGuardedWrite(context.workspace, real)
    return real
  })

/** The lines of a file, without their ends. */
const plainLines = (text: string): ReadonlyArray<string> => {
  const lines = text.split(/\r?\n/)
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

const changesOf = Effect.fnUntraced(function* (part: PatchPart, context: ToolContext) {
  const { workspace } = context
  const path = yield* place(part.path, context)
  const name = shown(workspace, path)
  const before = yield* attempt(`patch ${name}`, () => captureFile(path, workspace))
  if (part._tag === "add") {
    if (before.bytes !== null) return yield* refused(`${name} exists already; update it instead`)
    return [{ path, before, content: new TextEncoder().encode(part.text), mode: null }] as const
  }
  if (before.bytes === null) return yield* refused(`${name} does not exist`)
  const content = textOf(before.bytes)
  if (part._tag === "delete") {
    const expected = part.content
    if (expected !== null) {
      const lines = "binary" in content ? null : plainLines(content.text)
      if (
        lines === null ||
        lines.length !== expected.length ||
        lines.some((line, at) => line !== expected[at])
      )
        return yield* refused(`${name} is not what the patch removes: it holds other lines`)
    }
    return [{ path, before, content: null, mode: null }] as const
  }
  if ("binary" in content) return yield* refused(`${name} is binary: ${content.binary}`)
  if (!content.valid) return yield* refused(`${name} is not valid UTF-8; a patch would change other bytes`)
  const applied = applyHunks(content.text, part.hunks)
  if ("problem" in applied) return yield* refused(`${name}: ${applied.problem}`)
  const after = new TextEncoder().encode(applied.text)
  if (part.moveTo === null) return [{ path, before, content: after, mode: null }] as const
  const target = yield* place(part.moveTo, context)
  const there = yield* attempt(`patch ${shown(workspace, target)}`, () => captureFile(target, workspace))
  if (there.bytes !== null) return yield* refused(`${shown(workspace, target)} exists already`)
  return [
    { path: target, before: there, content: after, mode: before.state.mode },
    { path, before, content: null, mode: null },
  ] as const
})

export const applyPatchTool = (settings: ActSettings) =>
  defineTool({
    name: "apply_patch",
    description:
      "Applies a patch to files of the workspace: all of it, or nothing where a part does not fit.",
    input: Input,
    hints: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
    examples: [
      {
        patch:
          "*** Begin Patch\n*** Update File: src/greet.ts\n@@ export const greet = () => {\n-  return 'hi'\n+  return 'hello'\n*** End Patch\n",
      },
    ],
    limits: [`${maxFiles} files`, "8 MiB of patch; files of up to 64 MiB"],
    undo: "Every file comes back as it was, those removed or renamed too, unless one held a secret.",
    plan: Effect.fnUntraced(function* (input, context) {
      const patch = readPatch(input.patch)
      if ("problem" in patch) return yield* wrongInput(`apply_patch: line ${patch.line}: ${patch.problem}`)
      const { parts } = patch
      const touched = parts.flatMap((part) => [...pathsOf(part).writes, ...pathsOf(part).deletes])
      if (touched.length > maxFiles) return yield* wrongInput(`apply_patch: more than ${maxFiles} files`)
      const changes: Array<FileChange> = []
      for (const part of parts) changes.push(...(yield* changesOf(part, context)))
      const seen = new Set<string>()
      for (const { path } of changes) {
        if (seen.has(path))
          return yield* wrongInput(
            `apply_patch: ${shown(context.workspace, path)} is named twice; join its hunks`,
          )
        seen.add(path)
      }
      const names = changes.map(({ path }) => shown(context.workspace, path))
      const what = names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : "")
      return yield* changePlan({ workspace: context.workspace, changes, summary: `Patch ${what}` }, settings)
    }),
  })
