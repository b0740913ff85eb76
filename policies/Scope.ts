/** What the gate knows besides the call: where, for whom, and what must never be touched. Plain data. */
import type { Trust } from "../src/domain/action.ts"

export interface Scope {
  /** Absolute path of the workspace. */
  readonly workspace: string
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
}
