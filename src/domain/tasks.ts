/**
 * Commands in the background: a pure fold of `task.*`, so that after a restart it is known what ran and how it ended.
 * Invariants: a task ends once; those that ended are kept newest first, at most 100 of them.
 */
import type { Event, EventOf } from "./event.ts"

export interface TaskRow {
  readonly task: string
  readonly call: string
  readonly suggestion: string
  readonly workspace: string | null
  readonly tool: string
  readonly title: string
  readonly watched: boolean
  readonly startedAt: string
  /** Id of its `task.started`. */
  readonly startedBy: string
  readonly ended: Omit<
    EventOf<"task.ended">["payload"],
    "task" | "call" | "suggestion" | "after" | "refs"
  > | null
}

export interface TasksState {
  readonly running: Readonly<Record<string, TaskRow>>
  readonly ended: ReadonlyArray<TaskRow>
}

const keptEnded = 100

const evolve = (state: TasksState, event: Event): TasksState => {
  if ((event.payload as unknown) === null) return state
  if (event.type === "task.started") {
    const { call, suggestion, task, title, tool, watched } = event.payload
    const row: TaskRow = {
      task,
      call,
      suggestion,
      workspace: event.workspace,
      tool,
      title,
      watched,
      startedAt: event.at,
      startedBy: event.id,
      ended: null,
    }
    return { ...state, running: { ...state.running, [task]: row } }
  }
  if (event.type !== "task.ended") return state
  const { durationMs, exit, message, output, reason, task } = event.payload
  const { [task]: row, ...running } = state.running
  if (row === undefined) return state
  const ended = { ...row, ended: { reason, exit, message, output, durationMs } }
  return { running, ended: [ended, ...state.ended].slice(0, keptEnded) }
}

export const tasksProjection = {
  name: "tasks",
  version: 1,
  initial: { running: {}, ended: [] } as TasksState,
  evolve,
} as const
