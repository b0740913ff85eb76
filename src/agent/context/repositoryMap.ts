/**
 * A repository on a page: the files that others rest on and those the work is about, each with what it defines, in as much
 * room as there is. Pure.
 * A file counts by how many others import it, doubled where it was touched lately or is spoken of. No model and no
 * parser: who asks reads the file itself.
 * Invariant: the same outlines and the same focus give the same page.
 */
import { posix } from "node:path"
import type { Outline } from "./outline.ts"

export interface MapOptions {
  /** Characters the page may have. */
  readonly room: number
  /** Files spoken of or touched lately, the most telling first. */
  readonly focus: ReadonlyArray<string>
}

export interface RepositoryMap {
  readonly text: string
  readonly shown: number
  readonly files: number
}

const stemOf = (path: string): string => {
  const base = posix.basename(path)
  const dot = base.indexOf(".", 1)
  return dot === -1 ? base : base.slice(0, dot)
}

/** Files by the name an import would give them: `index`, `mod` and the like by their folder's name too. */
const byName = (paths: Iterable<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const names = new Map<string, Array<string>>()
  const put = (name: string, path: string): void => {
    const held = names.get(name)
    if (held === undefined) names.set(name, [path])
    else held.push(path)
  }
  for (const path of paths) {
    const stem = stemOf(path)
    put(stem, path)
    if (/^(?:index|mod|lib|main|__init__)$/.test(stem)) put(posix.basename(posix.dirname(path)), path)
  }
  return names
}

const withoutEnding = (path: string): string =>
  path.replace(/(?:\/(?:index|mod|lib|main|__init__))?\.[^./]+$/, "")

/** Of the files with an imported name, the one the import means: by the path it gives, else by the most common end. */
const resolved = (
  from: string,
  wanted: ReadonlyArray<string>,
  names: ReadonlyMap<string, ReadonlyArray<string>>,
): string | null => {
  const last = wanted.at(-1)
  const found = last === undefined ? undefined : names.get(last)
  if (found === undefined || found.length > 200) return null
  const relative = posix.normalize(posix.join(posix.dirname(from), ...wanted))
  const exact = found.find((path) => withoutEnding(path) === relative || path.startsWith(`${relative}.`))
  if (exact !== undefined) return exact
  const plain = wanted.filter((one) => one !== "..").join("/")
  const ending = found.filter(
    (path) => withoutEnding(path) === plain || withoutEnding(path).endsWith(`/${plain}`),
  )
  return ending.length === 1 && ending[0] !== from ? ending[0]! : null
}

/** How many files import each. */
export const importedBy = (outlines: ReadonlyMap<string, Outline>): ReadonlyMap<string, number> => {
  const names = byName(outlines.keys())
  const counts = new Map<string, number>()
  for (const [path, { imports }] of outlines) {
    const targets = new Set(imports.map((wanted) => resolved(path, wanted, names)))
    for (const target of targets) {
      if (target !== null && target !== path) counts.set(target, (counts.get(target) ?? 0) + 1)
    }
  }
  return counts
}

const entry = (path: string): number => (/(?:^|\/)(?:main|index|app|mod|lib|cli)\.[a-z]+$/.test(path) ? 1 : 0)
const aside = (path: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__|spec|fixtures?|examples?|vendor|third_party|dist|build|generated)\//.test(
    path,
  ) || /[._-](?:test|spec|min)\.[a-z]+$/.test(path)

const scores = (
  outlines: ReadonlyMap<string, Outline>,
  imported: ReadonlyMap<string, number>,
  focus: ReadonlyArray<string>,
): ReadonlyArray<readonly [string, number]> => {
  const near = new Map(focus.map((path, index) => [path, focus.length - index]))
  return [...outlines.keys()]
    .map((path) => {
      const base = (1 + (imported.get(path) ?? 0) + entry(path)) * (aside(path) ? 0.25 : 1)
      const place = near.get(path)
      return [path, place === undefined ? base : base * 2 + 1_000 + place] as const
    })
    .sort(([one, first], [other, second]) => second - first || (one < other ? -1 : 1))
}

const block = (path: string, { definitions }: Outline, most: number): string => {
  const shown = definitions.slice(0, most).map(({ line, signature }) => `  ${line}: ${signature}`)
  const more = definitions.length - shown.length
  return [path, ...shown, ...(more > 0 ? [`  (${more} more)`] : [])].join("\n")
}

const mostPerFile = 12

export const repositoryMap = (
  outlines: ReadonlyMap<string, Outline>,
  imported: ReadonlyMap<string, number>,
  { focus, room }: MapOptions,
): RepositoryMap => {
  const blocks: Array<readonly [string, string]> = []
  let used = 0
  for (const [path] of scores(outlines, imported, focus)) {
    const outline = outlines.get(path)!
    if (outline.definitions.length === 0) continue
    const text = block(path, outline, mostPerFile)
    if (used + text.length + 1 > room) break
    used += text.length + 1
    blocks.push([path, text])
  }
  const text = blocks
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, one]) => one)
    .join("\n")
  return { text, shown: blocks.length, files: outlines.size }
}
