/**
 * Judges one path: where it really leads, and to which classes it belongs. Rules match on the classes.
 * Invariants: exactly one of `workspace` and `outside`; a path is inside only if both the text worked out by
 * itself and the links followed stay inside; every unknown counts as the stricter class.
 */
import {
  credentialIn,
  fold,
  isAmbiguousName,
  isCredential,
  laterSamples,
  runsLater,
  secretSamples,
} from "./names.ts"
import { entriesOf, follow, join, lexical, type PathOracle, within } from "./PathOracle.ts"
import type { Scope } from "./Scope.ts"
import { fitting, hasHole, hasWild, hole } from "./wild.ts"

export interface JudgedPath {
  readonly path: string
  readonly classes: ReadonlyArray<string>
}

/** Devices that only give or take nothing. */
const harmlessDevices = new Set([
  "/dev/null",
  "/dev/zero",
  "/dev/full",
  "/dev/stdout",
  "/dev/stderr",
  "/dev/tty",
])
export const isHarmlessDevice = (path: string): boolean => harmlessDevices.has(path)

/** PATH_MAX of Linux: no file has a longer name. */
const longestPath = 4096

const components = (path: string): ReadonlyArray<string> =>
  path.split("/").filter((name) => name !== "" && name !== ".")

/** The folded names, with each wildcard replaced by every secret or runnable name it may stand for. */
const foldedVariants = (path: string, oracle: PathOracle): ReadonlyArray<ReadonlyArray<string>> => {
  const names = components(path)
  const base = names.map(fold)
  if (!hasWild(path)) return [base]
  const variants: Array<ReadonlyArray<string>> = [base]
  names.forEach((name, index) => {
    if (!hasWild(name)) return
    const directory = `/${names.slice(0, index).join("/")}`
    const literal = name.replaceAll(/\[[^\]]*\]|[*?\ufffc]/g, "").length
    const dotted = /^(?:\.|\[)/.test(name)
    const samples = [...secretSamples, ...laterSamples].filter((each) =>
      each.startsWith(".") ? dotted || (hasHole(name) && literal >= 2) : literal >= 3,
    )
    const fits = fitting(name.toLowerCase())
    const listed = hasWild(directory) ? [] : (oracle.list(directory) ?? [])
    for (const candidate of [...samples, ...listed.slice(0, 2000)]) {
      if ((candidate.startsWith(".") && !dotted && !hasHole(name)) || !fits(candidate.toLowerCase())) continue
      variants.push([...base.slice(0, index), fold(candidate), ...base.slice(index + 1)])
    }
  })
  return variants
}

/** Matches everything in a directory: `*`, `.*`, `{*,.*}` as it arrives here. */
const coversAll = (name: string): boolean => /^\.?[*?\ufffc]*\*[*?\ufffc]*$/.test(name)

const homeOf = (input: string, scope: Scope): string => {
  if (input === "~" || input.startsWith("~/")) return scope.home + input.slice(1)
  const other = /^~([A-Za-z_][\w-]*)(?=\/|$)/.exec(input)
  if (other !== null)
    return `${other[1] === "root" ? "/root" : `${lexical(`${scope.home}/..`)}/${other[1]}`}${input.slice(other[0].length)}`
  return input.startsWith("~+/") ? scope.cwd + input.slice(2) : input
}

/** `input` as written, relative to `cwd`. A leading `~` is taken for the home even where no shell expands it. */
export const judgePath = (input: string, cwd: string, scope: Scope, oracle: PathOracle): JudgedPath => {
  if (input === "" || input.length > longestPath || /[\0\n\r]/.test(input))
    return { path: input.slice(0, longestPath), classes: ["outside", "malformed"] }
  const classes = new Set<string>()
  const filed = /^file:\/*(?=\/)/i.test(input) ? input.replace(/^file:\/*(?=\/)/i, "") : input
  const absolute = join(cwd, homeOf(filed, scope))
  const text = lexical(absolute)
  const followed = follow(oracle, absolute)
  const workspace = follow(oracle, scope.workspace).real
  const logical = within(text, scope.workspace) || within(text, workspace)
  const inside = logical && within(followed.real, workspace)
  classes.add(inside ? "workspace" : "outside")
  if (/^~[^/+]/.test(input) && !followed.kind.includes("file")) classes.add("ambiguous")

  const roots = [scope.workspace, workspace]
  const last = components(text).at(-1) ?? ""
  const parent = text.slice(0, text.lastIndexOf("/")) || "/"
  if (roots.some((root) => within(root, followed.real) || within(root, text))) classes.add("workspace-root")
  if (coversAll(last) && roots.some((root) => within(root, parent))) classes.add("workspace-root")

  for (const path of new Set([text, followed.real])) {
    const within_ = roots.find((root) => within(path, root))
    const relative = within_ === undefined ? path : path.slice(within_.length)
    for (const names of foldedVariants(relative, oracle)) classesOfNames(names, !inside, classes)
  }
  for (const own of scope.own) {
    if ([text, followed.real].some((path) => within(path.toLowerCase(), own.toLowerCase()))) {
      const readable = scope.ownReadable.some((each) => within(text.toLowerCase(), each.toLowerCase()))
      classes.add(readable ? "own" : "own-state")
    }
  }
  if (components(filed).some(isAmbiguousName) || filed.includes(hole)) classes.add("ambiguous")
  if (/(?:^|\/)[a-z][a-z0-9+.-]{0,24}:\//i.test(input) || /^[a-z]:[\\/]/i.test(input))
    classes.add("ambiguous")
  if (followed.upAfterLink || followed.loop) classes.add("link-then-up")
  if (followed.kind === "unreadable") classes.add("unreadable")
  if (followed.kind === "fifo" || followed.kind === "socket") classes.add("special-file")
  if (followed.kind === "device" || /^\/dev(?:\/|$)/.test(text)) classes.add("device")
  if (/^\/proc(?:\/|$)/.test(text) || /^\/proc(?:\/|$)/.test(followed.real)) classes.add("process")
  if (followed.kind === "file" && followed.links > 1 && !text.includes("/node_modules/"))
    classes.add("hard-linked")
  return { path: followed.real.replaceAll(hole, "\u2026"), classes: [...classes] }
}

const classesOfNames = (names: ReadonlyArray<string>, outside: boolean, classes: Set<string>): void => {
  if (isCredential(names, outside)) classes.add("credential")
  if (runsLater(names)) classes.add("runs-later")
  const git = names.indexOf(".git")
  if (git < 0) return
  const rest = names.slice(git + 1)
  const last = rest.at(-1) ?? ""
  classes.add("git-dir")
  if (rest.length === 0 || (rest.length === 1 && coversAll(last))) classes.add("git-root")
  if (/^config(?:\.worktree)?$/.test(last) || last === "fetch_head") classes.add("git-config")
  if (last.endsWith(".lock")) classes.add("git-lock")
  if (last === "credentials") classes.add("credential")
}

const treeBudget = 4000
const nearTheRoot = new Set(["node_modules", ".git"])

/**
 * What a program that reads a whole directory would meet there. `visible`: it skips dot names, as ripgrep does.
 * Beyond the budget it is `too-many-below`, which asks.
 */
export const judgeTree = (
  root: string,
  visible: boolean,
  scope: Scope,
  oracle: PathOracle,
): ReadonlyArray<string> => {
  if (oracle.entry(root).kind !== "dir") return []
  const classes = new Set<string>()
  const workspace = follow(oracle, scope.workspace).real
  const relative = within(root, workspace) ? root.slice(workspace.length) : root
  const above = components(relative).map(fold)
  // searched by name, git's own folder is not left out as a hidden one
  if (above.includes(".git")) classes.add("git-config-below")
  const waiting = [{ directory: root, names: above }]
  let seen = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { directory, names } = next
    const isSecret = credentialIn(names)
    for (const { name, kind } of entriesOf(oracle, directory)) {
      if (visible && name.startsWith(".")) continue
      if (++seen > treeBudget) return [...classes, "too-many-below"]
      const folded = fold(name)
      // that is denied, and nothing else below could make it worse
      if (isSecret(folded)) return [...classes, "credential-below"]
      if (name === ".git") classes.add("git-config-below")
      if (kind !== "dir" && kind !== "link") continue
      const path = `${directory === "/" ? "" : directory}/${name}`
      if (kind === "link") {
        if (!within(follow(oracle, path).real, workspace)) classes.add("link-outside-below")
      } else if (!(nearTheRoot.has(name) && visible))
        waiting.push({ directory: path, names: [...names, folded] })
    }
  }
  return [...classes]
}
