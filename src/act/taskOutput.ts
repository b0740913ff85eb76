/** `task_output`: what a background command printed since a cursor, and whether it still runs. */
import { Effect, Schema } from "effect"
import { refused } from "./attempt.ts"
import { isPerson } from "../domain/person.ts"
import { defineTool } from "./defineTool.ts"
import { readingPlan, textResult, type ActSettings } from "./planParts.ts"
import type { Tasks, TaskView } from "./tasks/Tasks.ts"
import type { ToolContext } from "./Tool.ts"

/** Small enough that an answer is never cut. */
const mostBytes = 14 * 1024
const longestWait = 600_000

export const TaskIdInput = Schema.String.check(Schema.isPattern(/^t_[0-9a-f]{12}$/)).annotate({
  description: "The id the background command was started with: `t_` and 12 hex digits",
})

const Input = Schema.Struct({
  task_id: TaskIdInput,
  wait: Schema.optionalKey(
    Schema.Boolean.annotate({ description: "Waits until it ended, or timeout_ms is over" }),
  ),
  timeout_ms: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: longestWait })).annotate({
      description:
        "How long to wait, in milliseconds; half a minute if absent. It goes on running after that",
    }),
  ),
  from: Schema.optionalKey(
    Schema.Natural.annotate({
      description: "Byte to go on from: the `next` of the last answer. Absent: from the oldest that is held",
    }),
  ),
})

/** A task of this workspace; the user may look at, and end, those of every one. */
export const taskFor = Effect.fnUntraced(function* (
  tasks: Tasks["Service"],
  id: string,
  { actor, workspace }: ToolContext,
) {
  const view = yield* tasks.get(id)
  return view.workspace === workspace || isPerson(actor)
    ? view
    : yield* refused(`${id} is a background command of another workspace`)
})

/** How it stands, in one line. */
export const standing = (view: TaskView): string => {
  const { ended } = view
  if (ended === null) return `[${view.task} runs; ${view.bytes} bytes so far]`
  const exit = ended.exit === null ? "" : `, exit ${ended.exit}`
  const message = ended.message === "" ? "" : `: ${ended.message}`
  return `[${view.task} ended (${ended.reason}${exit}) after ${ended.durationMs} ms${message}]`
}

export const taskOutputTool = (tasks: Tasks["Service"], settings: ActSettings) =>
  defineTool({
    name: "task_output",
    description:
      "Reads what a background command (bash with run_in_background, monitor) printed, in pieces: `from` goes on where the last answer said `next`. Says whether it runs, or how it ended. An unknown id is an error that names the ones there are; one of another workspace is refused.",
    input: Input,
    hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    examples: [
      { task_id: "t_0123456789ab" },
      { task_id: "t_0123456789ab", wait: true, timeout_ms: 60_000, from: 2048 },
    ],
    limits: [
      "14 KiB an answer; while it runs only whole lines",
      "the newest 256 KiB are held; the answer says how many bytes before were missed",
      "after a restart of the daemon, only the first and last 8 KiB of what ended",
      "waits at most 10 minutes",
    ],
    plan: Effect.fnUntraced(function* (input, context) {
      yield* taskFor(tasks, input.task_id, context)
      const run = Effect.gen(function* () {
        const id = input.task_id
        const view =
          input.wait === true ? yield* tasks.wait(id, input.timeout_ms ?? 30_000) : yield* tasks.get(id)
        const part = yield* tasks.output(id, input.from ?? 0, mostBytes)
        if (part === null) {
          const { head = "", tail = "" } = view.ended?.output ?? {}
          const said = [head, tail].filter((text) => text !== "").map((text) => text.replace(/\n$/, ""))
          return textResult([...said, standing(view)].join("\n"), settings)
        }
        const missed = part.missed === 0 ? [] : [`[${part.missed} bytes before this are no longer held]`]
        const text = part.text === "" ? [] : [part.text.replace(/\n$/, "")]
        const next = `[next: ${part.next}]`
        return textResult([...missed, ...text, standing(view), next].join("\n"), settings)
      })
      return readingPlan(`Read what ${input.task_id} printed`, run)
    }),
  })
