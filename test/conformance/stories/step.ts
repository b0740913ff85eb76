/** A step of a random story: the draft it appends as things are then, and where and of what stories are told. */
import * as fc from "fast-check"
import type { EventDraft } from "../../../src/domain/event.ts"

const workspaces = ["/home/dev/shop", "/home/dev/ledger"] as const
export const commands = ["npm test", "npm tset", "git status", "git sattus", "git push", "make", "ls -la"]
export const paths = ["src/a.ts", "package-lock.json", ".env", "notes.md"]
export const digest = (n: number) => String(n % 10).repeat(64)

/** A step of a story: drafts of one moment, made when its turn comes, because they name seqs and ids before them. */
export type Step = (now: {
  readonly seq: number
  readonly idOf: (seq: number) => string
}) => EventDraft | null

export const workspaceOf = fc.constantFrom(...workspaces)
