/**
 * The compromised package versions that stand in each workspace: folded from what was read of its lockfiles and
 * manifests. While one stands, nothing that runs code there is done without a person.
 * Invariants: a file's hits stand until the file was read again without them, or is gone; what could not be read
 * lifts nothing; everything is bounded.
 */
import type { Event } from "../event.ts"
import type { ProbeAnswer } from "../probeAnswers.ts"

const mostFiles = 200
const mostHits = 20

export interface StandingHits {
  /** Workspace -> file -> `name@version`. */
  readonly workspaces: Readonly<Record<string, Readonly<Record<string, ReadonlyArray<string>>>>>
}

export const noStandingHits: StandingHits = { workspaces: {} }

type Files = StandingHits["workspaces"][string]

const without = (files: Files, path: string): Files => {
  if (!Object.hasOwn(files, path)) return files
  const { [path]: _, ...rest } = files
  return rest
}

const put = (state: StandingHits, workspace: string, files: Files): StandingHits => {
  const { [workspace]: before, ...rest } = state.workspaces
  if (before === files || (before === undefined && Object.keys(files).length === 0)) return state
  return { workspaces: Object.keys(files).length === 0 ? rest : { ...rest, [workspace]: files } }
}

const absent = /is not there$/

const afterFacts = (files: Files, event: Event): Files =>
  event.type !== "situation.facts"
    ? files
    : event.payload.facts.reduce((now: Files, fact): Files => {
        if (fact.probe._tag !== "compromised") return now
        const { path } = fact.probe
        if (fact.unavailable !== null) return absent.test(fact.unavailable) ? without(now, path) : now
        const hits = (fact.answer as ProbeAnswer<"compromised">).map(
          ({ name, version }) => `${name}@${version}`,
        )
        if (hits.length === 0) return without(now, path)
        if (!Object.hasOwn(now, path) && Object.keys(now).length >= mostFiles) return now
        return { ...now, [path]: hits.slice(0, mostHits) }
      }, files)

const afterRemoval = (files: Files, event: Event): Files =>
  event.type !== "fs.changed"
    ? files
    : event.payload.changes.reduce((now: Files, { from, kind, path }) => {
        const left = kind === "unlink" ? without(now, path) : now
        return from === undefined ? left : without(left, from)
      }, files)

export const evolveStandingHits = (state: StandingHits, event: Event): StandingHits => {
  if ((event.payload as unknown) === null) return state
  if (event.type === "daemon.workspace" && event.payload.action === "removed")
    return put(state, event.payload.path, {})
  const { workspace } = event
  if (workspace === null) return state
  const files = state.workspaces[workspace] ?? {}
  return put(state, workspace, afterRemoval(afterFacts(files, event), event))
}

/** `name@version in file`, for a person to read. */
export const hitsStandingIn = (state: StandingHits, workspace: string): ReadonlyArray<string> =>
  Object.entries(state.workspaces[workspace] ?? {}).flatMap(([path, hits]) =>
    hits.map((hit) => `${hit} in ${path}`),
  )

export const standingHitsProjection = {
  name: "standing-hits",
  version: 1,
  initial: noStandingHits,
  evolve: evolveStandingHits,
} as const
