/**
 * What is staged, with the lines each staged text adds to what HEAD has, read from the object database: no diff driver,
 * filter or text converter has a part in it. Bounded by `maxBytes` of added text and by the size of a file.
 * Invariant: a mark of redaction in it is the log's own; one that stands in a file is written otherwise.
 */
import * as path from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { addedLines } from "../git/addedLines.ts"
import { readCommit } from "../git/commits.ts"
import { GitFileError } from "../git/files.ts"
import { readIndex } from "../git/indexFile.ts"
import type { Objects } from "../git/objects.ts"
import type { OpenRepository } from "../git/openRepository.ts"
import { compareStaged, type StagedFile } from "../git/staged.ts"

const maxFiles = 500
const maxBlob = 4 << 20
const maxLine = 4_096
const maxLinesAFile = 5_000

type Row = ProbeAnswer<"gitStaged">["files"][number]

/** git's own test: a NUL among the first bytes. */
const isBinary = (blob: Buffer): boolean => blob.subarray(0, 8_000).includes(0)

/** One staged file with the lines it adds; `budget` is what may still be read. */
export const stagedRow = (objects: Objects, file: StagedFile, budget: { left: number }): Row => {
  const size = file.after === null ? null : objects.size(file.after)
  const row = {
    path: file.path,
    status: file.status,
    bytes: size?.type === "blob" ? size.size : null,
    binary: false,
    added: [],
    truncated: false,
  }
  if (file.after === null || row.bytes === null || file.before === file.after) return row
  if (row.bytes > maxBlob || budget.left <= 0) return { ...row, truncated: true }
  const after = objects.read(file.after, "blob", maxBlob)
  if (after === null) return { ...row, truncated: true }
  if (isBinary(after)) return { ...row, binary: true }
  const before = file.before === null ? Buffer.alloc(0) : objects.read(file.before, "blob", maxBlob)
  const all = addedLines((before ?? Buffer.alloc(0)).toString("utf8"), after.toString("utf8"))
  const added: Array<Row["added"][number]> = []
  let truncated = false
  for (const { line, text } of all) {
    if (added.length >= maxLinesAFile || budget.left <= 0) {
      truncated = true
      break
    }
    const cut = text.slice(0, Math.min(maxLine, budget.left))
    truncated ||= cut.length < text.length
    budget.left -= cut.length + 1
    added.push({ line, text: cut.replaceAll("<redacted:", "<redacted :") })
  }
  return { ...row, added, truncated }
}

export const gitStaged = (open: OpenRepository, maxBytes: number): ProbeAnswer<"gitStaged"> => {
  const { place, settings, head, objects } = open
  if (settings.bare) return { files: [], truncated: false }
  const file = path.join(place.gitDir, "index")
  const index = readIndex(file, settings.hashBytes)
  const tree = head.sha === null ? null : readCommit(objects, head.sha)?.tree
  if (index.unsupported !== null || tree === undefined)
    throw new GitFileError({ file, reason: index.unsupported ?? "HEAD's commit cannot be read" })
  const staged = compareStaged(objects, tree, index, maxFiles)
  if (staged.incomplete) throw new GitFileError({ file, reason: "a tree of HEAD cannot be read" })
  const budget = { left: maxBytes }
  const files = staged.files.map((one) => stagedRow(objects, one, budget))
  return { files, truncated: staged.truncated || files.some(({ truncated }) => truncated) }
}
