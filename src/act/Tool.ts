/**
 * What a tool is. A tool first plans (reads, checks, says what it would do and whether it can be taken back),
 * then runs. Between the two the driver logs `tool.started` with the plan's undo record, durably.
 * Invariant: `plan` changes nothing; `run` is called at most once for a call id.
 */
import { type Effect, Schema } from "effect"
import type { Trust } from "../domain/action.ts"
import type { PlanTold } from "../domain/planned.ts"
import { ToolOutput, type PathState, type PlanRead, type UndoRecord } from "../domain/events/acted.ts"

export class ToolError extends Schema.TaggedError<ToolError>()("ToolError", {
  /** input: the call is wrong; refused: it may not be done (state changed, no sandbox); failed; timeout; stopped. */
  reason: Schema.Literals(["input", "refused", "failed", "timeout", "stopped"]),
  message: Schema.String,
  /** A word for programs, where the tool has such: `dirty-tree`, `conflict`. */
  code: Schema.optionalKey(Schema.String),
  /** What it had printed when it was ended early; never with a blob. */
  output: Schema.optionalKey(ToolOutput),
}) {}

export interface ToolHints {
  readonly readOnly: boolean
  readonly destructive: boolean
  readonly idempotent: boolean
  readonly openWorld: boolean
}

export interface ToolContext {
  /** `<suggestion>#<index>`: what this call is known by in the log. */
  readonly call: string
  /** The conversation it belongs to; null for a suggestion's action. */
  readonly session: string | null
  /** Who wanted it: `claw` (a reflex), `user:cli`, `agent` ... */
  readonly actor: string
  readonly trust: Trust
  readonly workspace: string
  readonly cwd: string
  readonly home: string
  /** Folders outside the workspace that a command in the sandbox sees, read-only; absent: none. */
  readonly beside?: ReadonlyArray<string>
  /** Argv lists the gate parsed and judged, to be run as they are; empty for tools without commands. */
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
  /** What the judged effects let it touch, and no more. */
  readonly permits: {
    readonly write: ReadonlyArray<string>
    readonly network: boolean
    /** Hosts the verdict names; empty with `network: true`: any public one. */
    readonly hosts: ReadonlyArray<string>
    /** The command is outside the plain subset: a shell may run it, because a person approved exactly this. */
    readonly shell: boolean
    /** A person approved running it without a sandbox. */
    readonly unsandboxed: boolean
  }
  readonly timeoutMs: number
}

/** The world after a run, as far as the run changed it; what undo compares with. */
export interface Aftermath {
  /** Only paths that are not as they were; a path without a "before" was created. */
  readonly after: ReadonlyArray<PathState>
  /** Those that changed, and HEAD; "" for one that is gone. */
  readonly refs: Readonly<Record<string, string>>
  /** Contents named by `after`, stored with the end: with them a later change of the user's can be told from the call's. */
  readonly kept?: ReadonlyArray<Uint8Array>
}

export interface ToolResult extends Aftermath {
  readonly ok: boolean
  readonly exit: number | null
  readonly output: ToolOutput
  /** Bytes named by `output.blob`, to be stored with the event. */
  readonly blobs: ReadonlyArray<Uint8Array>
}

export interface ToolPlan {
  /** One line: what will happen, to what. */
  readonly summary: string
  /** Unified diff or command text to show before approval; null where the input says it all. */
  readonly preview: string | null
  readonly sandbox: "bubblewrap" | "none" | "not-needed"
  /** The argv lists as they will be run; empty where nothing is run. For `tool.started`. */
  readonly commands: ReadonlyArray<ReadonlyArray<string>>
  /**
   * What the plan read and what a run would replace, with its hash then (null: nothing was there). An approval is bound
   * to it: where one of these changes before the run, a person is asked again and sees the difference. Name what decides
   * what will happen (the file that is edited, every target of a patch, the notebook, the index of a commit), not what
   * the run merely reads and shows. Scripts that a command line names are added by the driver. Absent: none.
   */
  readonly reads?: ReadonlyArray<PlanRead>
  /**
   * The real paths below which the plan found what it read, or a run will read or write, as names of the input led to
   * them. The driver refuses the plan where one is not what the gate judged: a link was flipped meanwhile. Absent: none.
   */
  readonly opens?: ReadonlyArray<string>
  /** With `possible: true` a `reason` says which part can not be taken back (network, ignored trees ...). */
  readonly undo: UndoRecord
  /** What it touches and how it is set back, where neither its effects nor an undo record can say it. */
  readonly told?: PlanTold
  /** Contents named by `undo.before`, stored with `tool.started`. */
  readonly blobs: ReadonlyArray<Uint8Array>
  readonly run: Effect.Effect<ToolResult, ToolError>
  /** What changed so far: for a run that failed, timed out or was stopped half-way. Never fails. */
  readonly aftermath: Effect.Effect<Aftermath>
}

export interface Tool {
  readonly name: string
  readonly description: string
  /** JSON Schema of the input, `additionalProperties: false`. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  readonly hints: ToolHints
  /** False: contract and gate stand, but what it would drive is not there, so nobody is offered it. */
  readonly listed: boolean
  /** Inputs that fit the schema, the plainest first. */
  readonly examples: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Members of the inputs that only read, of a tool of which others change something: `{ operation: "status" }`. */
  readonly readOnlyForms: ReadonlyArray<Readonly<Record<string, unknown>>>
  /** Why nobody can use it as things are, and what would change that; null: it works. Absent: always. */
  readonly off?: Effect.Effect<string | null>
  /** What of a run can be taken back and what cannot; null: it changes nothing. */
  readonly undo: string | null
  /** Where it stops, one a line. */
  readonly limits: ReadonlyArray<string>
  /** Whether the input fits, without a look at the world: what plan would say of it first. */
  readonly check: (input: unknown) => Effect.Effect<void, ToolError>
  readonly plan: (
    input: Readonly<Record<string, unknown>>,
    context: ToolContext,
  ) => Effect.Effect<ToolPlan, ToolError>
}
