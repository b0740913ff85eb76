/**
 * Calls about background commands: the fold of `task.*` says which there are, the hands how they stand right now.
 * Invariant: reading them holds nothing up; a stop waits for the program to be gone and not for the log.
 */
import { Effect, Option, Stream, SubscriptionRef } from "effect"
import { Tasks, type TaskView as LiveTask } from "../../act/tasks/Tasks.ts"
import type { TaskRow } from "../../domain/tasks.ts"
import { Folds } from "../../loop/Folds.ts"
import { NoSuch } from "../../rpc/errors.ts"
import { TaskRpcs, type TaskPart, type TaskView } from "../../rpc/taskShapes.ts"
import { Token } from "../Token.ts"

/** Of one piece. */
const pieceBytes = 64 * 1024
/** Between two looks at what a running one printed. */
const lookMs = 200

/** What is in memory is newer than the fold. */
const viewOf = (row: TaskRow, live: LiveTask | undefined): TaskView => {
  const ended = live?.ended ?? row.ended
  return {
    v: 1,
    task: row.task,
    title: row.title,
    tool: row.tool,
    workspace: row.workspace,
    suggestion: row.suggestion,
    startedAt: row.startedAt,
    bytes: ended?.output.bytes ?? live?.bytes ?? 0,
    ended:
      ended === null
        ? null
        : {
            reason: ended.reason,
            exit: ended.exit,
            message: ended.message,
            durationMs: ended.durationMs,
          },
  }
}

/** What the log kept of one that is no longer in memory. */
const keptText = ({ ended }: TaskRow): string => {
  if (ended === null) return ""
  const { bytes, head, tail } = ended.output
  return tail === "" ? head : `${head}\n... (${bytes} bytes in all)\n${tail}`
}

export const taskHandlers = TaskRpcs.toLayer(
  Effect.gen(function* () {
    const tasks = yield* Tasks
    const folds = yield* Folds
    const { person } = yield* Token

    const fold = Effect.map(SubscriptionRef.get(folds.snapshot), (snapshot) => snapshot.tasks)
    const find = Effect.fnUntraced(function* (id: string) {
      const { ended, running } = yield* fold
      const row = Object.hasOwn(running, id) ? running[id] : ended.find(({ task }) => task === id)
      return row ?? (yield* new NoSuch({ what: "background command", id }))
    })

    const all = Effect.fnUntraced(function* (withEnded: boolean) {
      const { ended, running } = yield* fold
      const live = new Map((yield* tasks.list).map((view) => [view.task, view]))
      const views = [...Object.values(running).reverse(), ...ended].map((row) =>
        viewOf(row, live.get(row.task)),
      )
      const ending = views.filter((view) => view.ended !== null)
      return [...views.filter((view) => view.ended === null), ...(withEnded ? ending : [])]
    })

    /** The pieces from `from` on; `upTo` null: until it ends. */
    const pieces = (row: TaskRow, upTo: number | null) => {
      const missing = () => new NoSuch({ what: "background command", id: row.task })
      return Stream.paginate({ from: 0, wait: false }, ({ from, wait }) =>
        Effect.gen(function* () {
          const live = yield* wait ? tasks.wait(row.task, lookMs) : tasks.get(row.task)
          const part = yield* tasks.output(row.task, from, pieceBytes)
          const view = viewOf(row, live)
          if (part === null)
            return [
              [{ text: keptText(row), missed: 0, view }],
              Option.none<{ from: number; wait: boolean }>(),
            ] as const
          const piece: TaskPart = { text: part.text, missed: part.missed, view }
          const idle = part.next === from
          const over = upTo === null ? idle && live.ended !== null : idle || part.next >= upTo
          return [
            idle && !over ? [] : [piece],
            over ? Option.none() : Option.some({ from: part.next, wait: idle }),
          ] as const
        }).pipe(Effect.mapError(missing)),
      )
    }

    return TaskRpcs.of({
      Tasks: ({ ended }) => all(ended),
      TaskOutput: ({ follow, task }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const row = yield* find(task)
            if (follow) return pieces(row, null)
            const now = yield* Effect.orElseSucceed(tasks.get(task), () => null)
            return pieces(row, now?.bytes ?? 0)
          }),
        ),
      StopTask: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const row = yield* find(ask.task)
        const missing = () => new NoSuch({ what: "background command", id: ask.task })
        const stopped = yield* Effect.mapError(tasks.stop(ask.task, `user:${ask.surface}`), missing)
        return viewOf(row, stopped)
      }),
    })
  }),
)
