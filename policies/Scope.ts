/** What the gate knows besides the call: where, for whom, and what must never be touched. Plain data. */
import type { ToolCall, Trust } from "../src/domain/action.ts"
import type { GrantInForce } from "../src/domain/grant.ts"
import type { Refusal } from "../src/domain/repeats.ts"
import { lexical } from "./PathOracle.ts"

export interface Scope {
  /** Absolute path of the workspace. */
  readonly workspace: string
  /** The workspace it is a worktree of: the rules of that one hold here too. */
  readonly ruledBy?: string | null
  readonly cwd: string
  readonly home: string
  readonly actor: string
  readonly trust: Trust
  /** Claw's own directories and files (log, socket, policies, configuration), absolute. */
  readonly own: ReadonlyArray<string>
  /** Of these, what may be read: the policies. */
  readonly ownReadable: ReadonlyArray<string>
  /** Values known to be secret; a call that carries one is denied. */
  readonly secrets: ReadonlyArray<string>
  /** Is this package version known as malicious? `null`: any version of it, where every one is. */
  readonly isCompromised: (name: string, version: string | null) => boolean
  /** Compromised package versions that stand in the workspace, as a person reads them. */
  readonly compromised?: ReadonlyArray<string>
  /** The conversation that wants it; null or absent: none. */
  readonly session?: string | null
  /** It is wanted by an agent of Claw's, in the worktree that this agent has to itself. */
  readonly ownWorktree?: boolean
  /** A person's standing answers that are in force. */
  readonly grants?: ReadonlyArray<GrantInForce>
  /** How often in a row this very call was wanted, with this time. */
  readonly times?: number
  /** The call was refused in this session before. */
  readonly refused?: Refusal | null
}

/** Who asks, and where. `secrets`: values known as secret at this moment. */
export interface JudgeContext {
  readonly workspace: string
  readonly ruledBy?: string | null
  readonly cwd: string
  readonly home: string
  readonly actor: string
  readonly trust: Trust
  readonly secrets?: ReadonlyArray<string>
  readonly compromised?: ReadonlyArray<string>
  readonly session?: string | null
  readonly ownWorktree?: boolean
  readonly grants?: ReadonlyArray<GrantInForce>
  readonly times?: number
  readonly refused?: Refusal | null
}

/** What holds for every call on this machine. */
export interface Surroundings {
  /** Claw's own directories and files: data, configuration, runtime (log, socket, spool). Absolute. */
  readonly own: ReadonlyArray<string>
  readonly isCompromised?: (name: string, version: string | null) => boolean
}

/** In every workspace these are Claw's own. */
const ownInWorkspace = [".claw"]

export const scopeOf = (call: ToolCall, context: JudgeContext, around: Surroundings): Scope => {
  const inside = ownInWorkspace.map((name) => `${context.workspace}/${name}`)
  const cwd = call.cwd ?? context.cwd
  return {
    workspace: lexical(context.workspace),
    ruledBy: context.ruledBy ?? null,
    cwd: lexical(cwd.startsWith("/") ? cwd : `${context.workspace}/${cwd}`),
    home: context.home,
    actor: context.actor,
    trust: context.trust,
    own: [...around.own, ...inside],
    ownReadable: inside.map((path) => `${path}/policies`),
    secrets: context.secrets ?? [],
    isCompromised: around.isCompromised ?? (() => false),
    compromised: context.compromised ?? [],
    session: context.session ?? null,
    ownWorktree: context.ownWorktree ?? false,
    grants: context.grants ?? [],
    times: context.times ?? 1,
    refused: context.refused ?? null,
  }
}
