/** The hooks in force, and which staged files a hook (or anybody) wrote after they were staged. Nothing is run. */
import * as fs from "node:fs"
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readCommit } from "../git/commits.ts"
import { lastValue } from "../git/config.ts"
import { readStart } from "../git/files.ts"
import { readIndex } from "../git/indexFile.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { compareStaged } from "../git/staged.ts"
import { sameContent } from "./gitDirty.ts"

const names = ["pre-commit", "prepare-commit-msg", "commit-msg", "pre-merge-commit", "pre-push", "pre-rebase"]
const maxFiles = 200

const managerOf = (file: string): string | null => {
  if (file.includes("/.husky/")) return "husky"
  const text = readStart(file, 4_096)?.toString("latin1") ?? ""
  if (/pre[-_]commit\.com|pre_commit|INSTALL_PYTHON/.test(text)) return "pre-commit"
  return /lefthook/i.test(text) ? "lefthook" : /husky/i.test(text) ? "husky" : null
}

const hooksOf = ({ place, settings }: OpenRepository): ProbeAnswer<"gitHooks">["hooks"] => {
  const said = lastValue(settings.entries, "core", null, "hookspath")
  const folder =
    typeof said === "string" && said !== ""
      ? path.resolve(place.workspace, said)
      : path.join(place.commonDir, "hooks")
  return names.flatMap((name) => {
    const file = path.join(folder, name)
    try {
      const stat = fs.statSync(file, { throwIfNoEntry: false })
      if (stat?.isFile() !== true || (stat.mode & 0o111) === 0) return []
      return [{ name, file: path.relative(place.workspace, file) || file, manager: managerOf(file) }]
    } catch {
      return []
    }
  })
}

export const gitHooks = (open: OpenRepository): ProbeAnswer<"gitHooks"> => {
  const { place, settings, head, objects } = open
  const hooks = hooksOf(open)
  if (hooks.length === 0 || settings.bare) return { hooks, staged: 0, rewritten: [] }
  const index = readIndex(path.join(place.gitDir, "index"), settings.hashBytes)
  const tree = head.sha === null ? null : (readCommit(objects, head.sha)?.tree ?? null)
  const { count, files } = compareStaged(objects, tree, index, maxFiles)
  const rewritten = files.flatMap((staged) => {
    if (staged.after === null) return []
    const file = path.join(place.workspace, staged.path)
    const stat = fs.lstatSync(file, { throwIfNoEntry: false })
    if (stat?.isFile() !== true || sameContent(file, 0o100644, staged.after, settings.hashBytes)) return []
    return [{ path: staged.path, mtimeMs: stat.mtimeMs }]
  })
  return { hooks, staged: count, rewritten }
}
