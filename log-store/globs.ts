/**
 * Globs over event types, actors and paths. Of a type or an actor `*` stands for any text and `?` for one character.
 * Of a path, as in `.gitignore`: `*` and `?` stay within one name, `**` stands for any folders, a glob without `/` may
 * be any name of the path, and what names a folder names everything in it.
 * Invariant: time is bound by the product of the lengths, whatever the glob says.
 */

/** Whether a text is what a glob with `*` (any text) and `?` (one character) says. */
const isWild = (glob: string, text: string): boolean => {
  let g = 0
  let t = 0
  // Where the last star was, and how much of the text it takes so far.
  let star = -1
  let taken = 0
  while (t < text.length) {
    if (g < glob.length && glob[g] === "*") {
      star = g++
      taken = t
    } else if (g < glob.length && (glob[g] === "?" || glob[g] === text[t])) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++taken
    } else return false
  }
  while (glob[g] === "*") g++
  return g === glob.length
}

/** Whether a text is what any of the globs says. */
export const typeMatcher =
  (globs: ReadonlyArray<string>): ((type: string) => boolean) =>
  (type) =>
    globs.some((glob) => isWild(glob, type))

interface PathGlob {
  readonly names: ReadonlyArray<string>
  readonly absolute: boolean
}

const parsePathGlob = (glob: string): PathGlob => {
  const absolute = glob.startsWith("/")
  const names = glob.split("/").filter((name) => name !== "" && name !== ".")
  // What ends so means all that lies inside.
  if (names.at(-1) === "**") names.push("*")
  // A single name may lie anywhere.
  const anywhere = names.length === 1 && !absolute && !glob.slice(0, -1).includes("/")
  return { names: anywhere ? ["**", ...names] : names, absolute }
}

/** Whether a path, or a folder it lies in, is what the names say. */
const startsAs = (names: ReadonlyArray<string>, path: ReadonlyArray<string>): boolean => {
  const end = names.length
  // How many of the names may be used up so far: a folder of the path at a time.
  let states = new Set([0])
  const skip = (from: ReadonlySet<number>): Set<number> => {
    const out = new Set(from)
    for (const n of out) if (names[n] === "**") out.add(n + 1)
    return out
  }
  for (const part of path) {
    const next = new Set<number>()
    for (const n of skip(states)) {
      if (names[n] === "**") next.add(n)
      else if (n < end && isWild(names[n]!, part)) next.add(n + 1)
    }
    if (skip(next).has(end)) return true
    if (next.size === 0) return false
    states = next
  }
  return false
}

/** For paths relative to a workspace, or absolute ones; an absolute glob is held against the absolute path. */
export const pathMatcher = (
  globs: ReadonlyArray<string>,
): ((path: string, workspace: string | null) => boolean) => {
  const parsed = globs.map(parsePathGlob)
  return (path, workspace) => {
    const isAbsolute = path.startsWith("/")
    const inside = isAbsolute && workspace !== null && path.startsWith(`${workspace}/`)
    const relative = partsOf(inside ? path.slice(workspace.length) : path)
    let whole: ReadonlyArray<string> | undefined
    return parsed.some(({ names, absolute }) =>
      absolute
        ? (isAbsolute || workspace !== null) &&
          startsAs(names, (whole ??= partsOf(isAbsolute ? path : `${workspace}/${path}`)))
        : startsAs(names, relative),
    )
  }
}

const partsOf = (path: string): ReadonlyArray<string> =>
  path
    .replace(/^(?:\.?\/)+/, "")
    .replace(/\/+$/, "")
    .split("/")

/** A literal piece of a glob, and whether a name begins or ends there. */
export interface PathLiteral {
  readonly text: string
  readonly left: boolean
  readonly right: boolean
}

/**
 * Texts that each path found by the glob holds. None for an absolute glob, because the beginning of the path may be the
 * workspace's.
 */
export const pathLiterals = (glob: string): ReadonlyArray<PathLiteral> => {
  const { names, absolute } = parsePathGlob(glob)
  const literals: Array<PathLiteral> = []
  let text = ""
  let left = true
  const end = (right: boolean, nextLeft: boolean) => {
    if (text !== "") literals.push({ text, left, right })
    text = ""
    left = nextLeft
  }
  for (const name of absolute ? [] : names) {
    if (name === "**") {
      end(true, true)
      continue
    }
    // Names in a row have one slash between them.
    if (text !== "" || !left) text += "/"
    for (const [n, piece] of name.split(/[*?]+/).entries()) {
      if (n > 0) end(false, false)
      text += piece
    }
  }
  end(true, true)
  return literals
}
