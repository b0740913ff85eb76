/** Effects of the tools that read and write files by name. */
import { pathsOf } from "../../src/domain/patch/patch.ts"
import { readPatch } from "../../src/domain/patch/readPatch.ts"
import { type Compiler, text } from "./Compiler.ts"

const pathKeys = ["path", "file_path", "file", "filename", "notebook_path"]

/** A file tool takes the name as it is: no device is harmless to it. */
const named = (path: string): string => (path.startsWith("/dev/") ? `${path}/.` : path)

const atPath =
  (...uses: ReadonlyArray<"read" | "write">): Compiler =>
  (input, collector) => {
    // by whichever name the tool goes: none of them may hide another
    const paths = pathKeys.flatMap((key) => text(input, key) ?? [])
    if (paths.length === 0) return collector.doubt("the input names no path")
    for (const path of paths) for (const use of uses) collector.path(use, named(path), collector.scope.cwd)
    for (const value of Object.values(input)) if (typeof value === "string") collector.carries(value)
  }

const glob: Compiler = (input, collector) => {
  const base = text(input, "path", "cwd") ?? "."
  collector.path("read", base, collector.scope.cwd)
  const pattern = text(input, "pattern", "glob")
  if (pattern === null) return collector.doubt("the input names no pattern")
  const fixed = pattern.split(/[*?[{]/)[0]!
  if (fixed.startsWith("/") || fixed.startsWith("~") || /(?:^|\/)\.\.(?:\/|$)/.test(pattern))
    collector.path(
      "read",
      fixed.startsWith("/") || fixed.startsWith("~") ? fixed : `${base}/${pattern}`,
      collector.scope.cwd,
    )
}

const grep: Compiler = (input, collector) => {
  if (text(input, "pattern") === null) collector.doubt("the input names no pattern")
  collector.tree(text(input, "path") ?? ".", collector.scope.cwd, true)
}

const patch: Compiler = (input, collector) => {
  const whole = text(input, "patch")
  if (whole === null) return collector.doubt("the input holds no patch")
  const read = readPatch(whole)
  if ("problem" in read) return collector.doubt(`line ${read.line} of the patch: ${read.problem}`)
  for (const part of read.parts) {
    const { deletes, reads, writes } = pathsOf(part)
    for (const path of reads) collector.path("read", named(path), collector.scope.cwd)
    for (const path of writes) collector.path("write", named(path), collector.scope.cwd)
    for (const path of deletes) collector.path("delete", named(path), collector.scope.cwd)
  }
  collector.carries(whole)
}

export const fileCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["read_file", atPath("read")],
  ["write_file", atPath("write")],
  ["edit_file", atPath("read", "write")],
  ["glob_search", glob],
  ["grep_search", grep],
  ["apply_patch", patch],
  ["NotebookEdit", atPath("read", "write")],
]
