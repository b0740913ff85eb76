/** Effects of the tools that read and write files by name. */
import { type Compiler, text } from "./Compiler.ts"

const pathKeys = ["path", "file_path", "file", "filename", "notebook_path"]

const atPath =
  (...uses: ReadonlyArray<"read" | "write">): Compiler =>
  (input, collector) => {
    const path = text(input, ...pathKeys)
    if (path === null) return collector.doubt("the input names no path")
    // a file tool takes the name as it is: no device is harmless to it
    for (const use of uses)
      collector.path(
        use,
        path === "" ? "" : path.startsWith("/dev/") ? `${path}/.` : path,
        collector.scope.cwd,
      )
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

export const fileCompilers: ReadonlyArray<readonly [string, Compiler]> = [
  ["read_file", atPath("read")],
  ["write_file", atPath("write")],
  ["edit_file", atPath("read", "write")],
  ["glob_search", glob],
  ["grep_search", grep],
  ["NotebookEdit", atPath("read", "write")],
]
