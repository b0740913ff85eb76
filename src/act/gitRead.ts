/**
 * The git operations that only read: run as the gate judged them, answered as JSON, bounded.
 * Invariants: nothing is written, also not git's index; what was cut is said; names and texts come as they are, for
 * programs, and are made harmless where they are shown.
 */
import { Effect } from "effect"
import { CommandLine } from "effect/process"
import { gitArgv, readingOperations } from "../../policies/tools/gitArgv.ts"
import { changesNothing } from "../domain/prompt.ts"
import { finished, type Where } from "./commandPlan.ts"
import { failureOf, failureLine } from "./gitFailures.ts"
import type { GitInput, GitReading } from "./gitInput.ts"
import { parseBlame, parseLog, parsePatch, parseRefs, parseStashes, parseStatus } from "./gitReading.ts"
import { textOf } from "./gitState.ts"
import { textResult, type ActSettings } from "./planParts.ts"
import { impossible } from "./recordUndo.ts"
import type { ProcessResult } from "./runProcess.ts"
import type { ToolContext, ToolError, ToolPlan } from "./Tool.ts"

export const isReading = (input: GitInput): input is GitReading => readingOperations.includes(input.operation)

/** Of what git printed; more is cut, and said. */
const maxText = 4 * 1024 * 1024
const maxEntries = 2000

const few = <A>(all: ReadonlyArray<A>): { readonly some: ReadonlyArray<A>; readonly more?: number } =>
  all.length <= maxEntries ? { some: all } : { some: all.slice(0, maxEntries), more: all.length - maxEntries }

const patched = (patch: string) => ({ files: few(parsePatch(patch)).some, patch })

const answerOf = (input: GitReading, text: string): Readonly<Record<string, unknown>> => {
  switch (input.operation) {
    case "status": {
      const { entries, ...status } = parseStatus(text)
      const { more, some } = few(entries)
      return {
        ...status,
        clean: entries.length === 0,
        entries: some,
        ...(more === undefined ? {} : { more }),
      }
    }
    case "diff":
      return patched(text)
    case "log":
      return { commits: parseLog(text) }
    case "show": {
      const at = text.indexOf("\0")
      // an annotated tag's own words come before the commit
      const [commit] = parseLog(text.slice(0, at).replace(/^tag [\s\S]*?\n(?=[0-9a-f]{40,64}\x1f)/, ""))
      return {
        ...(commit === undefined ? {} : { commit }),
        ...patched(text.slice(at + 1).replace(/^\n+/, "")),
      }
    }
    case "blame": {
      const { more, some } = few(parseBlame(text))
      return { lines: some, ...(more === undefined ? {} : { more }) }
    }
    case "branch-list":
      return { branches: parseRefs(text) }
    case "tag-list":
      return { tags: parseRefs(text) }
    case "stash-list":
      return { stashes: parseStashes(text) }
  }
}

const summaries: Readonly<Record<GitReading["operation"], string>> = {
  status: "Look at the state of the working tree",
  diff: "Show changes",
  log: "List commits",
  show: "Show a commit",
  blame: "Say who wrote the lines of a file",
  "branch-list": "List branches",
  "tag-list": "List tags",
  "stash-list": "List stashes",
}

export const readingGit = (
  input: GitReading,
  context: ToolContext,
  settings: ActSettings,
  where: Where,
  run: (argv: ReadonlyArray<string>) => Effect.Effect<ProcessResult, ToolError>,
): Effect.Effect<ToolPlan> =>
  Effect.sync(() => {
    const argv = gitArgv(input) ?? ["git"]
    const { aftermath, blobs, undo } = impossible(changesNothing)
    const going = Effect.gen(function* () {
      const result = yield* run(argv)
      const ended = yield* finished(result, context.timeoutMs, settings)
      const text = textOf(result)
      if (!ended.ok) {
        const failure = failureOf(input.operation, text, [], null)
        const said = text === "" || text.endsWith("\n") ? text : `${text}\n`
        return textResult(`${said}${failureLine(failure)}`, settings, { ok: false, exit: ended.exit })
      }
      const cut = text.length > maxText || !result.output.whole
      const answer = answerOf(input, text.slice(0, maxText))
      return textResult(`${JSON.stringify(cut ? { ...answer, cut: true } : answer)}\n`, settings, {
        exit: ended.exit,
      })
    })
    return {
      summary: `${summaries[input.operation]}${where === "none" ? " (without a sandbox)" : ""}`,
      preview: CommandLine.display([...argv]),
      sandbox: where,
      commands: [argv],
      undo,
      blobs,
      aftermath,
      run: going,
    }
  })
