/**
 * Commands about the folder one works in and its repository: what changed, taking back, and prepared words to the model for
 * what it does best: a commit, a pull request, a review, the rules of a place.
 * Invariant: a prepared word asks for nothing that the gate would not ask about; what it names is read by tools.
 */
import { Effect } from "effect"
import type { CallResult } from "../../domain/callResult.ts"
import { resultText } from "../../domain/resultText.ts"
import type { EntryOf } from "../session/transcript.ts"
import { Sessions } from "../Sessions.ts"
import { CommandError, define, noSuch, saying, text, toCommandError } from "./Command.ts"
import { Ground } from "./Ground.ts"

const refused = ({ outcome, suggestion, text: said }: CallResult) =>
  new CommandError({
    reason: "refused",
    message: `${outcome}: ${said.trim()}${suggestion === null ? "" : ` (/why ${suggestion})`}`,
  })

export const diff = define({
  name: "diff",
  category: "Git",
  summary: "what is not committed here, or what differs from another commit",
  arguments: [
    { name: "from", kind: "words", summary: "a commit, branch or tag; left out: what is not committed" },
  ],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ from }, { dir, surface, workspace }) {
    const input = { operation: "diff", revision: from ?? "HEAD" }
    const done = yield* (yield* Ground).call("git", input, { dir, workspace, actor: `user:${surface}` })
    if (!done.ok) return yield* refused(done)
    const shown = (resultText(done) ?? done.text).trimEnd()
    return {
      blocks: [shown === "" ? text("nothing differs") : { _tag: "diff" as const, text: shown }],
      data: { diff: shown },
    }
  }),
})

export const undo = define({
  name: "undo",
  category: "Workspace",
  summary: "take back what a call did; without an id, the last of this conversation that can be",
  arguments: [{ name: "id", kind: "suggestion", summary: "as /queue all or the conversation names it" }],
  needsSession: true,
  mutates: true,
  run: Effect.fnUntraced(function* ({ id }, { session, surface }) {
    const ground = yield* Ground
    const { entries } = yield* Effect.mapError((yield* Sessions).transcript(session), toCommandError)
    const done = entries
      .filter((entry): entry is EntryOf<"results"> => entry._tag === "results")
      .flatMap(({ results }) => results.flatMap(({ suggestion }) => suggestion ?? []))
    const rows = yield* ground.queue(true)
    const last = rows.filter((row) => row.undoable && row.state === "done" && done.includes(row.id))
    const newest = last.toSorted((a, b) => b.lastSeq - a.lastSeq)[0]
    const wanted = id ?? newest?.id
    if (wanted === undefined) return yield* noSuch("nothing of this conversation can be taken back")
    const row = yield* ground.undo(wanted, surface)
    return {
      blocks: [text(`${row.id} is ${row.state}: ${row.title}${row.note === null ? "" : ` (${row.note})`}`)],
      data: { id: row.id, state: row.state },
    }
  }),
})

const more = (hint: string | undefined): string =>
  hint === undefined ? "" : `\n\nWhat I want you to mind: ${hint}`

export const commit = define({
  name: "commit",
  category: "Git",
  summary: "have the changes here committed with a fitting message",
  arguments: [{ name: "hint", kind: "words", rest: true, summary: "what to mind" }],
  needsSession: true,
  mutates: true,
  run: ({ hint }) =>
    Effect.succeed(
      saying(
        `Commit the changes in this repository. Look at the status, at the diff of what is staged and not, and at the last ten subjects, so that the message reads like its neighbours. If something is staged, commit exactly that; else stage the files that belong together by name, never everything at once. Leave out whatever looks like a secret, a build product or a stray file, and tell me. Say why the change was made rather than what it touches. If the changes are about different things, propose how to split them and commit the first part. Do not push, do not skip hooks, do not amend.${more(hint)}`,
      ),
    ),
})

export const pr = define({
  name: "pr",
  category: "Git",
  summary: "have a pull request of this branch prepared",
  arguments: [{ name: "hint", kind: "words", rest: true, summary: "what to mind" }],
  needsSession: true,
  mutates: true,
  run: ({ hint }) =>
    Effect.succeed(
      saying(
        `Prepare a pull request of the branch I am on. Find out which branch it goes into and read every commit and the whole diff since they parted, not only the newest. Warn me first if something is not committed or the branch is behind. Then write a title of at most 70 characters and a description: what changes for whoever uses it and why, what to look at closely, how it was checked, as a short list. Show me both. If a tool for the forge of this repository's remote is at hand, push the branch and open the request with it, each step through its own approval; if none is, give me the commands.${more(hint)}`,
      ),
    ),
})

export const review = define({
  name: "review",
  category: "Git",
  summary: "have the changes here, or those since another commit, reviewed",
  arguments: [
    { name: "what", kind: "words", rest: true, summary: "a commit, a branch, a file, or what to mind" },
  ],
  needsSession: true,
  mutates: true,
  run: ({ what }) =>
    Effect.succeed(
      saying(
        `Review ${what === undefined ? "the changes of this repository that are not committed (or, if there are none, the last commit)" : what}. Read the diff and as much of the files around it as you need to be sure; run what only reads, change nothing. Look for what is wrong before what could be nicer: behaviour that breaks, cases that are missed, races, leaks, doors left open, tests that cannot fail. For each finding say the file and line, what goes wrong and when, and the smallest remedy; order them by weight and leave out matters of taste. If you are not certain, say how to make certain. End with one sentence on whether it can go in as it is.`,
      ),
    ),
})

export const init = define({
  name: "init",
  category: "Workspace",
  summary: "have a CLAW.md written that tells an agent how to work here",
  arguments: [{ name: "hint", kind: "words", rest: true, summary: "what to mind" }],
  needsSession: true,
  mutates: true,
  run: ({ hint }) =>
    Effect.succeed(
      saying(
        `Write a CLAW.md in the root of this workspace: what somebody who has never seen it must know to work here well. Read the build files, the readme, the configuration of linters and tests, rules written for other tools (AGENTS.md, CLAUDE.md, .cursor/rules), and a few central sources. Put into it: the commands to build, check and run one test, as they really work; how the parts hang together, as far as that takes reading several files to see; conventions that the code keeps and a newcomer would break. Leave out what every project has and what the file tree shows by itself; at most 60 lines. If there is one already, propose what to change in it instead of replacing it.${more(hint)}`,
      ),
    ),
})
