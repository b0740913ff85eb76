/**
 * Where each source stands, folded from the log alone: a restarted source goes on exactly behind what was logged.
 * The same fold (`afterGit`) moves a running git source on, so that running and restarting cannot differ.
 * Bounded: of the spool files the most recently used are kept.
 */
import { createHash } from "node:crypto"
import type { Event, EventType, PayloadOf } from "../domain/event.ts"
import type { PositionsFold, RepositoryPosition, SourcePositions } from "./Source.ts"

const maxSpools = 1_024

export const unseen: RepositoryPosition = {
  state: "gone",
  atMs: 0,
  reason: null,
  gitDir: null,
  branch: null,
  notPlain: [],
  files: {},
  refs: {},
  refsTruncated: false,
  staged: null,
  conflict: null,
  operation: null,
  lockMs: null,
}

export const conflictDigest = (payload: PayloadOf<"git.conflict">): string | null =>
  payload.count === 0
    ? null
    : createHash("sha256")
        .update(`${payload.operation}\0${payload.count}\0${payload.paths.join("\0")}`)
        .digest("hex")

const refOfBranch = (name: string): string => (name.startsWith("refs/remotes/") ? name : `refs/heads/${name}`)

const withRef = (state: RepositoryPosition, ref: string, to: string | null): RepositoryPosition => {
  if ((state.refs[ref] ?? null) === to) return state
  const { [ref]: _, ...others } = state.refs
  return { ...state, refs: to === null ? others : { ...others, [ref]: to } }
}
/** A branch the log has not heard of is left out: its creation is still to be stated. */
const withBranch = (state: RepositoryPosition, branch: string | null, to: string): RepositoryPosition =>
  branch !== null && Object.hasOwn(state.refs, refOfBranch(branch))
    ? withRef(state, refOfBranch(branch), to)
    : state
const withPosition = (
  state: RepositoryPosition,
  position: PayloadOf<"git.commit">["position"],
): RepositoryPosition =>
  position === undefined
    ? state
    : {
        ...state,
        files: { ...state.files, [position.file]: { offset: position.offset, mark: position.mark } },
      }

const afterRepository = (
  state: RepositoryPosition,
  payload: PayloadOf<"git.repository">,
  atMs: number,
): RepositoryPosition => {
  if (payload.state === "gone") return { ...unseen, atMs }
  const next: RepositoryPosition = {
    ...state,
    state: payload.state,
    atMs,
    reason: payload.reason,
    gitDir: payload.gitDir,
    branch: payload.branch,
    notPlain: payload.notPlain,
  }
  return payload.positions === undefined
    ? next
    : {
        ...next,
        files: Object.fromEntries(
          payload.positions.map(({ file, offset, mark }) => [file, { offset, mark }]),
        ),
        refs: payload.refs ?? {},
        refsTruncated: payload.refsTruncated ?? false,
      }
}

/** What a `git.*` event changes; other events change nothing. */
export const afterGit = (
  state: RepositoryPosition,
  event: { readonly type: EventType; readonly payload: unknown },
  atMs: number,
): RepositoryPosition => {
  switch (event.type) {
    case "git.repository":
      return afterRepository(state, event.payload as PayloadOf<"git.repository">, atMs)
    case "git.commit": {
      const payload = event.payload as PayloadOf<"git.commit">
      const next = withPosition({ ...state, branch: payload.branch }, payload.position)
      return withBranch(next, payload.branch, payload.sha)
    }
    case "git.checkout": {
      const payload = event.payload as PayloadOf<"git.checkout">
      return withPosition({ ...state, branch: payload.branch }, payload.position)
    }
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.pull":
    case "git.cherry-pick":
    case "git.revert": {
      const payload = event.payload as PayloadOf<"git.merge">
      const next = withPosition({ ...state, branch: payload.branch }, payload.position)
      return withBranch(next, payload.branch, payload.to)
    }
    case "git.stash":
      return withPosition(state, (event.payload as PayloadOf<"git.stash">).position)
    case "git.staged":
      return { ...state, staged: (event.payload as PayloadOf<"git.staged">).index }
    case "git.conflict":
      return { ...state, conflict: conflictDigest(event.payload as PayloadOf<"git.conflict">) }
    case "git.operation":
      return { ...state, operation: (event.payload as PayloadOf<"git.operation">).operation }
    case "git.branch": {
      const payload = event.payload as PayloadOf<"git.branch">
      return withRef(state, refOfBranch(payload.name), payload.to)
    }
    case "git.fetched": {
      const refs: Record<string, string> = { ...state.refs }
      for (const { name, to } of (event.payload as PayloadOf<"git.fetched">).refs) {
        if (to === null) delete refs[`refs/remotes/${name}`]
        else refs[`refs/remotes/${name}`] = to
      }
      return { ...state, refs }
    }
    case "git.lock":
      return { ...state, lockMs: atMs - (event.payload as PayloadOf<"git.lock">).ageMs }
    default:
      return state
  }
}

const withSpool = (state: SourcePositions, file: string, offset: number): SourcePositions => {
  const files = Object.keys(state.terminal)
  if (files.length < maxSpools / 2) return { ...state, terminal: { ...state.terminal, [file]: offset } }
  // Taken out and put in again: where some may have to go, the order of the keys is the order of their use.
  const others = Object.entries(state.terminal).filter(([name]) => name !== file)
  return { ...state, terminal: Object.fromEntries([...others.slice(1 - maxSpools), [file, offset]]) }
}

/** What was erased or archived took positions with it; the event that says so carries them on. */
const withCarried = (
  state: SourcePositions,
  carried: PayloadOf<"log.erased">["positions"],
): SourcePositions =>
  carried === undefined
    ? state
    : {
        ...state,
        git: { ...state.git, ...(carried.git as unknown as SourcePositions["git"]) },
        terminal: { ...state.terminal, ...carried.terminal },
      }

const withWorkspace = (
  state: SourcePositions,
  { action, path }: PayloadOf<"daemon.workspace">,
  atMs: number,
): SourcePositions => {
  if (action === "added") return { ...state, fs: { [path]: atMs, ...state.fs } }
  const { [path]: _, ...git } = state.git
  const { [path]: __, ...fs } = state.fs
  return { ...state, fs, git }
}

export const positionsProjection: PositionsFold & { readonly name: string; readonly version: number } = {
  name: "positions",
  version: 3,
  initial: { fs: {}, git: {}, terminal: {} },
  evolve: (state: SourcePositions, event: Event): SourcePositions => {
    // Its time stays when its payload is erased or archived.
    if (event.type === "fs.changed" && event.workspace !== null)
      return { ...state, fs: { ...state.fs, [event.workspace]: Date.parse(event.at) } }
    if (event.payload === null) return state
    if (event.type === "terminal.command" || event.type === "terminal.lost")
      return withSpool(state, event.payload.position.file, event.payload.position.offset)
    if (event.type === "daemon.workspace") return withWorkspace(state, event.payload, Date.parse(event.at))
    if (event.type === "log.erased" || event.type === "log.archived")
      return withCarried(state, event.payload.positions)
    if (!event.type.startsWith("git.") || event.workspace === null) return state
    const before = state.git[event.workspace] ?? unseen
    const after = afterGit(before, event, Date.parse(event.at))
    return after === before ? state : { ...state, git: { ...state.git, [event.workspace]: after } }
  },
}
