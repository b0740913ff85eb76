/**
 * Why an observation brought no situation: what `claw why` says of what nobody was told about. Pure; it follows the
 * watchers beside it, which decide.
 */
import type { Event } from "../../domain/event.ts"
import { isOwnCommand } from "../words.ts"
import { editedPaths } from "./edits.ts"
import { bySignal, isAnswer, isFresh } from "./commands.ts"

export const unremarkable = (event: Event): string | null => {
  if ((event.payload as unknown) === null) return null
  switch (event.type) {
    case "terminal.command": {
      const { authorKind, command, exit } = event.payload
      if (isOwnCommand(command)) return "it is a command of Claw itself"
      if (exit === 0) return "it ended well: a command that succeeds is a boundary, and no reason to speak"
      if (authorKind !== "user") return "an agent ran it, and not you"
      if (bySignal(exit)) return "it was ended by a signal (Ctrl-C, a closed pipe): that is no failure"
      if (isAnswer(command, exit)) return "its exit 1 is an answer of that program, and no failure"
      return isFresh(event, Date.parse(event.at))
        ? "so much failed at once that not all of it was looked at"
        : "it was read long after it had ended, and what is past is not spoken of"
    }
    case "fs.changed":
      if (event.payload.cause === "reconcile")
        return "it was found on looking through the folder, and nobody knows when it happened"
      return editedPaths(event).length === 0
        ? "only what programs write changed (build output, caches, logs)"
        : "saved files are looked at once they have been quiet for a while, and no rule had anything on these"
    default:
      return event.type.startsWith("git.") ? "it is remembered, and no rule speaks of it by itself" : null
  }
}
