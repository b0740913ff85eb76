/**
 * The lists of things to do, a conversation each: a pure fold of `session.todos`.
 * Invariant: the newest list of a conversation replaces the one before; of conversations the 50 that wrote last are kept.
 */
import type { Event } from "./event.ts"
import type { Todo } from "./events/conversation.ts"

export interface TodoList {
  /** Null: written outside a conversation. */
  readonly session: string | null
  readonly workspace: string | null
  readonly at: string
  readonly todos: ReadonlyArray<Todo>
}

/** By conversation, oldest first; outside of one by workspace. */
export type TodosState = Readonly<Record<string, TodoList>>

const kept = 50

const todoKey = (session: string | null, workspace: string | null): string =>
  session === null ? `workspace:${workspace ?? ""}` : `session:${session}`

const evolve = (state: TodosState, event: Event): TodosState => {
  if (event.type !== "session.todos" || (event.payload as unknown) === null) return state
  const { session, todos } = event.payload
  const key = todoKey(session, event.workspace)
  const { [key]: _, ...others } = state
  const list: TodoList = { session, workspace: event.workspace, at: event.at, todos }
  return Object.fromEntries([...Object.entries(others), [key, list] as const].slice(-kept))
}

export const todosProjection = {
  name: "todos",
  version: 1,
  initial: {} as TodosState,
  evolve,
} as const
