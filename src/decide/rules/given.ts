/**
 * What has to be so on this machine for a reflex written as data: what it asks, and whether the answers are that.
 * Invariant: what could not be read is not so, and says so.
 */
import { sizeBytes } from "../../config/amounts.ts"
import { listOf } from "../../config/correctionRules.ts"
import type { ReflexData } from "../../config/reflexRules.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import { whichOf } from "../corrections/mistyped.ts"
import { kindsOf, probePath } from "../corrections/rule.ts"
import type { Facts, Silence } from "../Decider.ts"
import { silent, unknown } from "../proposal.ts"
import { stagedRequest } from "../reflexes/stagedFiles.ts"
import { compileGlobs, nameFits } from "./globs.ts"
import type { Match } from "./matching.ts"

export interface Given {
  readonly branch: string | null
  readonly head: string | null
  /** Of the files those that are large enough. */
  readonly files: ReadonlyArray<string>
  readonly uncommitted: ReadonlyArray<string>
}

interface Conditions {
  readonly asks: (match: Match) => ReadonlyArray<ProbeRequest>
  readonly given: (match: Match, facts: Facts) => Given | Silence
}

const branchRequest = { _tag: "gitBranch" } as const
const dirtyRequest = { _tag: "gitDirty" } as const

export const compileGiven = (data: ReflexData, needsPlace: boolean): Conditions => {
  const exists = listOf(data.exists)
  const missing = listOf(data.missing)
  const programs = listOf(data.program)
  const branches = listOf(data.branch)
  const changed = data.uncommitted === undefined ? null : compileGlobs(listOf(data.uncommitted))
  const leastBytes = data.larger_than === undefined ? null : sizeBytes(data.larger_than)
  const paths = [...exists, ...missing]

  const dirOf = ({ seen }: Match): string => seen.command?.dir ?? "."
  const asksPlace = ({ seen }: Match): boolean =>
    (branches.length > 0 && seen.branch === undefined) ||
    (needsPlace && (seen.branch === undefined || seen.head === undefined))

  const place = (match: Match, facts: Facts): Pick<Given, "branch" | "head"> | Silence => {
    const { branch, head } = match.seen
    if (!asksPlace(match)) return { branch: branch ?? null, head: head ?? null }
    const at = facts.get<"gitBranch">(branchRequest)
    if (at === undefined) return unknown("the branch")
    if (branch === undefined && branches.length > 0 && !nameFits(branches, at.branch ?? "HEAD"))
      return silent(`it is on ${at.branch ?? "no branch"}`)
    return { branch: branch ?? at.branch, head: head ?? at.head }
  }

  const lies = (match: Match, facts: Facts): Silence | null => {
    const dir = dirOf(match)
    const kinds = paths.length === 0 ? {} : facts.get<"pathKinds">(kindsOf(dir, paths))
    if (kinds === undefined) return unknown("what lies there")
    const kindOf = (path: string) => kinds[probePath(dir, path)]
    const absent = exists.find((path) => (kindOf(path) ?? null) === null)
    if (absent !== undefined) return silent(`${absent} is not there`)
    const there = missing.find((path) => kindOf(path) !== null)
    if (there !== undefined) return silent(`${there} is there`)
    const found = programs.length === 0 ? {} : facts.get<"which">(whichOf(...programs))
    if (found === undefined) return unknown("what is installed")
    const lacking = programs.find((name) => typeof found[name] !== "string")
    return lacking === undefined ? null : silent(`${lacking} is not installed`)
  }

  return {
    asks: (match) => [
      ...(asksPlace(match) ? [branchRequest] : []),
      ...(paths.length === 0 ? [] : [kindsOf(dirOf(match), paths)]),
      ...(programs.length === 0 ? [] : [whichOf(...programs)]),
      ...(changed === null ? [] : [dirtyRequest]),
      ...(leastBytes === null ? [] : [stagedRequest]),
    ],
    given: (match, facts) => {
      const at = place(match, facts)
      if ("silent" in at) return at
      const otherwise = lies(match, facts)
      if (otherwise !== null) return otherwise
      const dirty = changed === null ? { paths: [] } : facts.get<"gitDirty">(dirtyRequest)
      if (dirty === undefined) return unknown("what is uncommitted")
      const uncommitted = changed === null ? [] : changed(dirty.paths)
      if (changed !== null && uncommitted.length === 0) return silent("nothing of it is uncommitted")
      if (leastBytes === null) return { ...at, files: match.files, uncommitted }
      const staged = facts.get<"gitStaged">(stagedRequest)
      if (staged === undefined) return unknown("what is staged")
      const large = new Set(
        staged.files.flatMap(({ bytes, path }) => (bytes !== null && bytes >= leastBytes ? [path] : [])),
      )
      const files = match.files.filter((path) => large.has(path))
      return files.length === 0 ? silent("nothing staged is so large") : { ...at, files, uncommitted }
    },
  }
}
