/** The examples of a reflex written as data: each is a situation with what lies on the machine, made in few words. */
import { spanMs } from "../../config/amounts.ts"
import { listOf } from "../../config/correctionRules.ts"
import type { ReflexData, ReflexExample, SituationName } from "../../config/reflexRules.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import type { ExampleProblem } from "./examples.ts"
import type { SituationData } from "../situationData.ts"
import { compileReflex } from "./situations.ts"

const workspace = "/example"
const branchOf = ({ branch }: ReflexExample): string => branch ?? "main"

type Made = { readonly [K in SituationName]: (example: ReflexExample) => SituationData[K] }

const command = (example: ReflexExample): SituationData["command.done"] => ({
  command: example.command ?? "",
  cwd: workspace,
  dir: ".",
  exit: example.exit ?? 0,
  shell: "bash",
  session: "bash-1-1",
  durationMs: example.duration === undefined ? 0 : spanMs(example.duration),
  ...(example.output === undefined ? {} : { output: example.output }),
})
const paths = ({ files }: ReflexExample): ReadonlyArray<string> => listOf(files)
const work = (example: ReflexExample) => ({ sinceMs: 0, branch: branchOf(example), head: "example" })

const made: Made = {
  "command.failed": (example) => ({ ...command(example), exit: example.exit ?? 1 }),
  "command.done": command,
  "files.settled": (example) => ({ paths: paths(example), operation: null }),
  "index.staged": (example) => ({
    paths: paths(example),
    count: paths(example).length,
    index: "example",
    operation: null,
  }),
  "commit.made": (example) => ({
    sha: "example",
    branch: branchOf(example),
    subject: example.subject ?? "",
    paths: paths(example),
  }),
  "head.moved": (example) => ({
    how: example.how ?? "pull",
    from: "before",
    to: "example",
    fromBranch: branchOf(example),
    branch: branchOf(example),
    paths: paths(example),
  }),
  "merge.conflicted": (example) => ({
    paths: paths(example),
    count: paths(example).length,
    operation: "merge",
    branch: branchOf(example),
    head: "example",
  }),
  "remote.fetched": (example) => ({ refs: [], branch: branchOf(example) }),
  "work.uncommitted": work,
  "work.resumed": (example) => ({ ...work(example), awayMs: 0 }),
}

export const situationOf = (when: SituationName, example: ReflexExample): Situation => ({
  kind: when,
  workspace,
  subject: example.command ?? branchOf(example),
  evidence: [1],
  data: made[when](example),
})

const answerOf = (example: ReflexExample, request: ProbeRequest): unknown => {
  switch (request._tag) {
    case "pathKinds":
      return Object.fromEntries(
        request.paths.map((path) => [path, listOf(example.exists).includes(path) ? "file" : null]),
      )
    case "which":
      return Object.fromEntries(
        request.names.map((name) => [
          name,
          listOf(example.programs).includes(name) ? `/usr/bin/${name}` : null,
        ]),
      )
    case "gitBranch":
      return { branch: branchOf(example), head: "example" }
    case "gitDirty":
      return { paths: listOf(example.uncommitted) }
    case "gitStaged":
      return {
        files: paths(example).map((path) => ({ path, bytes: example.sizes?.[path] ?? 0 })),
      }
    default:
      return undefined
  }
}

export const said = (reflex: Reflex, when: SituationName, example: ReflexExample): Proposal | Silence => {
  const situation = situationOf(when, example)
  const facts: Facts = { all: [], get: (request) => answerOf(example, request) as never }
  return reflex.applies(situation, { commands: [] })
    ? reflex.propose(situation, facts, { commands: [] })
    : { silent: "it is not about this" }
}

/** The lines it offers, be they ready to run or to be weighed. */
export const offers = ({ actions, alternatives }: Proposal): ReadonlyArray<string> =>
  [...actions, ...alternatives.flat()].map(({ input }) => String(input["command"]))

const unlike = (
  what: "gives" | "title",
  wanted: string | undefined,
  found: string | undefined,
): ReadonlyArray<ExampleProblem> =>
  wanted === undefined || wanted === found
    ? []
    : [
        {
          path: [what],
          message: `it ${what === "title" ? "says" : "gives"} ${found === undefined ? "nothing" : `"${found}"`}, not "${wanted}"`,
        },
      ]

/** Where a reflex does not do what its examples say. */
export const checkReflexExamples = (data: ReflexData): ReadonlyArray<ExampleProblem> => {
  const reflex = compileReflex(data, { workspace: null, file: "" })
  const wrong = (data.match ?? []).flatMap((example, at): ReadonlyArray<ExampleProblem> => {
    const answer = said(reflex, data.when, example)
    if ("silent" in answer) return [{ path: ["match", at], message: `silent: ${answer.silent}` }]
    return [
      ...unlike("gives", example.gives, offers(answer)[0]),
      ...unlike("title", example.title, answer.title),
    ].map((each) => ({ ...each, path: ["match", at, ...each.path] }))
  })
  const spoken = (data.no_match ?? []).flatMap((example, at): ReadonlyArray<ExampleProblem> => {
    const answer = said(reflex, data.when, example)
    return "silent" in answer
      ? []
      : [{ path: ["no_match", at], message: `it says "${answer.title}", and should be silent` }]
  })
  return [...wrong, ...spoken]
}
