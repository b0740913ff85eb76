/** Calls that take back. What would be done is anybody's to look at; doing it is an answer, and needs the token. */
import { Effect } from "effect"
import { Answers } from "../../loop/Answers.ts"
import { UndoRanges, type UndoRangeError } from "../../loop/UndoRanges.ts"
import { NoSuch, Stale, Unavailable } from "../../rpc/ClawRpcs.ts"
import { UndoBlocked, UndoRpcs } from "../../rpc/undoing.ts"
import { Token } from "../Token.ts"
import { asRpc } from "./answers.ts"

const noSuch = (error: UndoRangeError) => new NoSuch({ what: "thing to take back", id: error.message })

export const undoHandlers = UndoRpcs.toLayer(
  Effect.gen(function* () {
    const answers = yield* Answers
    const ranges = yield* UndoRanges
    const { person } = yield* Token
    return UndoRpcs.of({
      PlanUndo: ({ range }) =>
        Effect.mapError(ranges.plan(range), (error) =>
          error.reason === "unavailable" ? new Unavailable({ message: error.message }) : noSuch(error),
        ),
      Undo: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        return yield* Effect.mapError(answers.undo(ask.id, ask.surface, ask.choice), (error) =>
          error.conflicts === undefined
            ? asRpc(ask.id)(error)
            : new UndoBlocked({ message: error.message, conflicts: error.conflicts }),
        )
      }),
      UndoRange: Effect.fnUntraced(function* (ask) {
        yield* person(ask)
        const choice = ask.choice ?? { stance: "stop" as const }
        return yield* Effect.mapError(ranges.undo(ask.range, ask.calls, choice, ask.surface), (error) => {
          switch (error.reason) {
            case "stale":
              return new Stale({ message: error.message })
            case "unavailable":
              return new Unavailable({ message: error.message })
            case "no-such":
              return noSuch(error)
          }
        })
      }),
    })
  }),
)
