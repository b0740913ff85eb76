/**
 * Where the output of a failed check points: file, line and what is said of it, for the formats of common compilers,
 * type checkers, linters and test runners. Pure.
 * Invariants: only errors, no warnings; a path is relative to the workspace, inside it, and of no package that others
 * wrote; what has none of these formats gives nothing, in whatever language it is.
 */
import { isVendored, relativeTo } from "../paths.ts"

export interface Place {
  readonly path: string
  readonly line: number
  readonly message: string
}

const maxPlaces = 50
const maxMessage = 160
/** A name as source files have it: no blanks, so that no sentence is taken for one. */
const file = String.raw`((?:\.{1,2}\/|\/)?[\w@.+-][\w@.+\/-]*\.[A-Za-z]\w{0,9})`

interface Format {
  readonly pattern: RegExp
  readonly of: (match: RegExpMatchArray) => readonly [path: string, line: string, message: string]
}

const numbered: ReadonlyArray<Format> = [
  // tsc
  {
    pattern: new RegExp(String.raw`^${file}\((\d+),\d+\): error (TS\d+: .*)$`, "gm"),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  {
    pattern: new RegExp(String.raw`^${file}:(\d+):\d+ - error (TS\d+: .*)$`, "gm"),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // gcc, clang, mypy, javac
  {
    pattern: new RegExp(String.raw`^${file}:(\d+)(?::\d+)?: (?:fatal )?error: (.*)$`, "gm"),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // ruff, flake8, pylint
  {
    pattern: new RegExp(String.raw`^${file}:(\d+):\d+: ([A-Z]{1,4}\d{2,5}:? .*)$`, "gm"),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // go build, go vet
  {
    pattern: /^(?:vet: )?((?:\.{1,2}\/|\/)?[\w@.+-][\w@.+/-]*\.go):(\d+):\d+: (.*)$/gm,
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // rustc, ruff: the message stands above the arrow
  {
    pattern: new RegExp(
      String.raw`^(?:error(?:\[E\d+\])?:|[A-Z]{1,4}\d{2,5}) ([^\n]*)\n\s*--> ${file}:(\d+):\d+`,
      "gm",
    ),
    of: ([, message, path, line]) => [path!, line!, message!],
  },
  // oxlint
  {
    pattern: new RegExp(String.raw`^\s*[×x] ([^\n]*)\n\s*[╭,][─-]\[${file}:(\d+):\d+\]`, "gm"),
    of: ([, message, path, line]) => [path!, line!, message!],
  },
  // vitest
  {
    pattern: new RegExp(String.raw`^\s*❯ (?:[^\n(]{1,80} )?\(?${file}:(\d+):\d+\)?$`, "gm"),
    of: ([, path, line]) => [path!, line!, ""],
  },
  // jest, mocha, node: the frames of a stack
  {
    pattern: new RegExp(String.raw`^\s+at (?:[^\n(]{1,120} \()?(?:file:\/\/)?${file}:(\d+):\d+\)?$`, "gm"),
    of: ([, path, line]) => [path!, line!, ""],
  },
  // pytest
  {
    pattern: new RegExp(String.raw`^${file}:(\d+): ([A-Z]\w*(?:Error|Exception|Failure)\b.*)$`, "gm"),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // cargo test
  {
    pattern: new RegExp(
      String.raw`^thread '[^'\n]{1,200}'(?: \(\d+\))? panicked at ${file}:(\d+):\d+:?\s*\n?([^\n]*)`,
      "gm",
    ),
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // phpunit
  {
    pattern: /^((?:\/[\w@.+-]+)+\.php):(\d+)$/gm,
    of: ([, path, line]) => [path!, line!, ""],
  },
  // rspec
  {
    pattern: /^rspec (\.\/[\w@.+/-]+\.rb):(\d+) # (.*)$/gm,
    of: ([, path, line, message]) => [path!, line!, message!],
  },
  // go test
  {
    pattern: /^\s{2,}([\w.-]+_test\.go):(\d+): (.*)$/gm,
    of: ([, path, line, message]) => [path!, line!, message!],
  },
]

const joined = (dir: string, path: string): string | null => {
  const parts: Array<string> = []
  for (const part of [...(dir === "." ? [] : dir.split("/")), ...path.split("/")]) {
    if (part === "" || part === ".") continue
    if (part !== "..") parts.push(part)
    else if (parts.pop() === undefined) return null
  }
  return parts.length === 0 ? null : parts.join("/")
}

/** Relative to the workspace; null: it is outside, or of a package that others wrote. */
const pathInWorkspace = (workspace: string, dir: string, path: string): string | null => {
  const inside = path.startsWith("/") ? relativeTo(workspace, path) : joined(dir, path)
  return inside === null || inside === "." || inside.length > 300 || isVendored(inside) ? null : inside
}

/** eslint's own form: a file's line, then its problems. */
const stylish = (output: string): ReadonlyArray<readonly [string, string, string]> => {
  const found: Array<readonly [string, string, string]> = []
  let path: string | null = null
  for (const line of output.split("\n")) {
    if (/^(?:\/|[A-Za-z@.])\S*\.\w{1,10}$/.test(line)) path = line
    else if (line.trim() === "") path = null
    else {
      const problem = /^\s+(\d+):\d+\s+error\s+(.*)$/.exec(line)
      if (path !== null && problem !== null) found.push([path, problem[1]!, problem[2]!.trim()])
    }
  }
  return found
}

/** `dir`: where the command ran, relative to the workspace. */
export const placesIn = (output: string, workspace: string, dir: string): ReadonlyArray<Place> => {
  const found = [
    ...numbered.flatMap(({ pattern, of }) => [...output.matchAll(pattern)].map(of)),
    ...stylish(output),
  ]
  const places = new Map<string, Place>()
  for (const [named, line, message] of found) {
    const path = pathInWorkspace(workspace, dir, named)
    if (path === null || places.size >= maxPlaces) continue
    const key = `${path}:${line}`
    if ((places.get(key)?.message ?? "") === "")
      places.set(key, { path, line: Number(line), message: message.trim().slice(0, maxMessage) })
  }
  return [...places.values()]
}
