/** Answers of models for a conversation and its children: each by its own script, told apart by the task it was given. */
import { Effect, Stream, SubscriptionRef } from "effect"
import { execFileSync } from "node:child_process"
import type { Event, EventType } from "../../src/domain/event.ts"
import type { ModelCall } from "../../src/model/Models.ts"
import type { Place } from "../loop/loopWorld.ts"
import type { Talk } from "./agentWorld.ts"
import { type Answering, call, say, type Scripted } from "./ScriptedModels.ts"

/** Words of users in a request: the task is the first of a child. */
const wordsOf = ({ request }: ModelCall): ReadonlyArray<string> =>
  request.messages.flatMap((message) =>
    message.role === "user"
      ? message.content.flatMap((part) => (part.type === "text" ? [part.text] : []))
      : [],
  )

/** What the prompt of a request holds, all of it. */
export const promptText = ({ request }: ModelCall): string => JSON.stringify(request.messages)

/** The seqs of what the user said. */
export const saidSeqs = ({ log }: Talk, session: string) =>
  Effect.map(log.read(session), (events) =>
    events.filter(({ type }) => type === "session.said").map(({ seq }) => seq),
  )

/** By a text that is in the words; each script's last answer again and again. */
export const byTask = (scripts: Readonly<Record<string, ReadonlyArray<Scripted>>>): Answering => {
  const used = new Map<string, number>()
  return (one) => {
    const words = wordsOf(one)
    const task = Object.keys(scripts).find((name) => words.some((word) => word.includes(name)))
    if (task === undefined) return say("nothing to do")
    const session = `${one.session} ${task}`
    const n = used.get(session) ?? 0
    used.set(session, n + 1)
    const script = scripts[task]!
    return script[Math.min(n, script.length - 1)]!
  }
}

/** The first event of this type that fits, there or to come. */
export const awaitEvent = (
  { log }: Talk,
  type: EventType,
  fits: (event: Event) => boolean = () => true,
): Effect.Effect<Event> =>
  log.follow(0).pipe(
    Stream.flatMap((events) => Stream.fromIterable(events)),
    Stream.filter((event) => event.type === type && fits(event)),
    Stream.runHead,
    Effect.map((found) => (found as { readonly value: Event }).value),
  )

export const git = (folder: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], {
    cwd: folder,
    encoding: "utf8",
  })

export const repository = (at: Place, files: Readonly<Record<string, string>>): void => {
  git(at.workspace, "init", "-q", "-b", "main")
  for (const [path, text] of Object.entries(files)) at.write(path, text)
  git(at.workspace, "add", ".")
  git(at.workspace, "commit", "-qm", "begin")
}

/** A call that gives a child this task. */
export const child = (id: string, prompt: string, more: Readonly<Record<string, unknown>> = {}) =>
  call(id, "Agent", { description: prompt, prompt, subagent_type: "explore", ...more })

/** The seq of the first word of a session. */
export const firstWord = ({ sessions }: Talk, session: string) =>
  Effect.map(
    Effect.orDie(sessions.transcript(session)),
    ({ entries }) => entries.find(({ _tag }) => _tag === "said")!.seq,
  )

/** The one request of the queue that waits, once there is one. */
export const waiting = ({ loop }: Talk) =>
  SubscriptionRef.changes(loop.folds.snapshot).pipe(
    Stream.map(({ queue }) =>
      Object.values(queue.suggestions).find(
        ({ state, visibleAt }) => state === "pending" && visibleAt !== null,
      ),
    ),
    Stream.filter((row) => row !== undefined && (row.question !== undefined || row.actions.length > 0)),
    Stream.runHead,
    Effect.flatMap(Effect.fromOption),
    Effect.orDie,
    Effect.map((row) => row!),
  )
