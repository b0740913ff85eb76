/**
 * `SendUserMessage`: a word to the user, in the log and on every surface that shows it. Attachments are named, not
 * copied: files of the workspace that the gate let be read.
 */
import { Effect, Schema } from "effect"
import { draft } from "../../domain/event.ts"
import type { Attachment } from "../../domain/events/conversation.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { attempt, refused } from "../attempt.ts"
import { defineTool } from "../defineTool.ts"
import type { Journal } from "../Journal.ts"
import { openFile } from "../pathState.ts"
import { inFolder, resolveInside, shown } from "../paths.ts"
import { PathInput, readingPlan, textResult, type ActSettings } from "../planParts.ts"
import { sessionHeader } from "./sessionHeader.ts"

const Input = Schema.Struct({
  message: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(20_000)).annotate({
    description: "What to say; Markdown",
  }),
  status: Schema.Literals(["normal", "proactive"]).annotate({
    description: "proactive: the user did not ask for it",
  }),
  attachments: Schema.optionalKey(Schema.Array(PathInput).check(Schema.isMaxLength(20))).annotate({
    description: "Files of the workspace the message is about, absolute or relative to the current folder",
  }),
})

const attached = async (input: string, cwd: string, workspace: string): Promise<Attachment> => {
  const path = await resolveInside(input, cwd, workspace)
  const bytes = await inFolder(path, [workspace], async (entry) => {
    const handle = await openFile(entry)
    try {
      const found = await handle.stat()
      if (!found.isFile()) throw refused(`${shown(workspace, path)} is not a regular file`)
      return found.size
    } finally {
      await handle.close()
    }
  })
  return { path: path.slice(workspace.length + 1), bytes }
}

export const sendUserMessageTool = (journal: Journal["Service"], settings: ActSettings) =>
  defineTool({
    name: "SendUserMessage",
    description:
      "Says something to the user. It stands in the log and is shown in the TUI; a proactive message also on the desktop where the user wants that.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: false, openWorld: false },
    examples: [{ message: "The tests pass again.", status: "normal" }],
    limits: [
      "at most 20,000 characters and 20 attachments",
      "text that would have to be neutralised is refused",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      const attachments = yield* Effect.forEach(input.attachments ?? [], (path) =>
        attempt(`attach ${path}`, () => attached(path, context.cwd, context.workspace)),
      )
      const run = Effect.gen(function* () {
        const message = settings.redact(input.message)
        yield* journal.append([
          draft(
            "session.message",
            { session: context.session, call: context.call, message, status: input.status, attachments },
            sessionHeader(context),
          ),
        ])
        return textResult(
          input.status === "proactive"
            ? "said: it is in the log and on Claw's screen; on the desktop too where notifications.others is on and the desktop can show it"
            : "said: it is in the log and on Claw's screen",
          settings,
        )
      })
      return readingPlan(`Say: ${neutralise(input.message).slice(0, 200)}`, run)
    }),
  })
