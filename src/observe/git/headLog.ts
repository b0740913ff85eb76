/**
 * What a line of HEAD's reflog says: which operation moved HEAD, and on which branch. Pure.
 * git writes the branch only where it changes ("moving from a to b", "returning to refs/heads/a"), so the branch of
 * each line is worked out from the lines around it and from where HEAD stands now.
 */

export type HeadKind =
  | "commit"
  | "checkout"
  | "merge"
  | "rebase"
  | "reset"
  | "pull"
  | "cherry-pick"
  | "revert"
  /** No operation git names: an own reflog action, `update-ref`. */
  | "other"
  /** Says nothing that happened to the work: a clone's or new worktree's first line, a renamed branch. */
  | "none"

export interface HeadLine {
  readonly old: string
  readonly new: string
  readonly message: string
}
export interface Attributed {
  readonly kind: HeadKind
  readonly amend: boolean
  readonly fromBranch: string | null
  readonly branch: string | null
}
export interface HeadFacts {
  /** Branch HEAD names now; null: detached. */
  readonly branch: string | null
  /** Branch of the last event stated, where there is one. */
  readonly known: string | null
  /** Branch a rebase under way will return to. */
  readonly rebasing: string | null
  readonly isBranch: (name: string) => boolean
}

const zeros = /^0+$/
const hex = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const kinds: ReadonlySet<string> = new Set([
  "commit",
  "checkout",
  "merge",
  "rebase",
  "reset",
  "pull",
  "cherry-pick",
  "revert",
])

interface Parsed {
  readonly kind: HeadKind
  /** `start`, `pick`, `finish`, `amend` ...: what stands in brackets. */
  readonly step: string | null
  readonly moving: { readonly from: string; readonly to: string } | null
  readonly returning: string | null
  readonly renamed: { readonly from: string; readonly to: string } | null
}

const parse = (line: HeadLine): Parsed => {
  const { message } = line
  const renamed = /^Branch: renamed refs\/heads\/(\S+) to refs\/heads\/(\S+)$/.exec(message)
  if (renamed !== null)
    return {
      kind: "none",
      step: null,
      moving: null,
      returning: null,
      renamed: { from: renamed[1]!, to: renamed[2]! },
    }
  const colon = message.indexOf(": ")
  const head = colon < 0 ? message.replace(/:$/, "") : message.slice(0, colon)
  const rest = colon < 0 ? "" : message.slice(colon + 2)
  const verb = head.split(" ", 1)[0]!
  const kind: HeadKind =
    verb === "clone" || (message === "" && (zeros.test(line.old) || line.old === line.new))
      ? "none"
      : verb === "am"
        ? "commit"
        : kinds.has(verb)
          ? (verb as HeadKind)
          : "other"
  const moving = kind === "checkout" ? /^moving from (\S+) to (\S+)$/.exec(rest) : null
  return {
    kind,
    step: /\(([^)]*)\)$/.exec(head)?.[1] ?? (head === "rebase finished" ? "finish" : null),
    moving: moving === null ? null : { from: moving[1]!, to: moving[2]! },
    returning: /^returning to refs\/heads\/(\S+)$/.exec(rest)?.[1] ?? null,
    renamed: null,
  }
}

const named = (name: string): string | null => (hex.test(name) ? null : name)

/** The branch before the first line. */
const startingBranch = (lines: ReadonlyArray<Parsed>, facts: HeadFacts): string | null => {
  for (const [at, line] of lines.entries()) {
    if (line.moving !== null) return named(line.moving.from)
    if (line.renamed !== null) return line.renamed.from
    if (line.returning !== null) return null
    if (line.step === "start") {
      const back = lines.slice(at).find((later) => later.returning !== null || later.moving !== null)
      return back?.returning ?? (back === undefined ? (facts.rebasing ?? facts.known) : facts.known)
    }
  }
  return facts.branch
}

/** For each line its operation and the branches before and after it. */
export const attribute = (lines: ReadonlyArray<HeadLine>, facts: HeadFacts): ReadonlyArray<Attributed> => {
  const parsed = lines.map(parse)
  let branch = startingBranch(parsed, facts)
  let beforeStart = branch
  /** Where a checkout led: the next line that names a branch knows, else HEAD itself. */
  const led = (at: number, to: string): string | null => {
    if (hex.test(to)) return null
    for (const later of parsed.slice(at + 1)) {
      const next = later.moving?.from ?? later.returning ?? later.renamed?.from
      if (next !== undefined) return next === to ? to : null
    }
    if (facts.branch === to) return to
    return facts.branch === null && at === parsed.length - 1 ? null : facts.isBranch(to) ? to : null
  }
  return parsed.map((line, at) => {
    const fromBranch = branch
    if (line.moving !== null) branch = led(at, line.moving.to)
    else if (line.renamed !== null) branch = line.renamed.to
    else if (line.returning !== null) branch = line.returning
    else if (line.step === "start") {
      beforeStart = branch
      branch = null
    } else if (line.step === "abort") branch = beforeStart
    return {
      kind: line.kind,
      amend: line.kind === "commit" && line.step === "amend",
      fromBranch,
      branch,
    }
  })
}
