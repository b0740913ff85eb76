/** The examples of a rule, run when it is loaded: what they say lies on the machine, and what the rule makes of them. */
import { type CorrectionData, type ExampleData, listOf } from "../../config/correctionRules.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import { correct } from "../corrections/correct.ts"
import type { Family } from "../corrections/Correction.ts"
import type { Facts } from "../Decider.ts"
import { compileCorrection } from "./compile.ts"

const bare = (path: string): string => path.replace(/^\.\//, "").replace(/(?<=.)\/$/, "")

const answerOf = (example: ExampleData, request: ProbeRequest): unknown => {
  const [files, dirs, programs] = [example.files, example.dirs, example.programs].map(listOf)
  switch (request._tag) {
    case "which":
      return Object.fromEntries(
        request.names.map((name) => [name, programs!.includes(name) ? `/usr/bin/${name}` : null]),
      )
    case "executablesNear":
      return programs
    case "pathKinds":
      return Object.fromEntries(
        request.paths.map((path) => [
          path,
          dirs!.includes(bare(path)) ? "dir" : files!.includes(bare(path)) ? "file" : null,
        ]),
      )
    case "listDir":
      return [...files!, ...dirs!].filter((path) => !path.includes("/"))
    case "manifest":
      return {
        manager: null,
        files: [
          {
            path: "package.json",
            text: JSON.stringify({
              scripts: Object.fromEntries(listOf(example.scripts).map((name) => [name, "x"])),
            }),
            mtimeMs: 0,
          },
        ],
      }
    case "gitBranch":
      return {
        head: null,
        branch: listOf(example.branches)[0] ?? null,
        upstream: null,
        upstreamSha: null,
        ahead: null,
        behind: null,
        remotes: ["origin"],
        branches: listOf(example.branches),
        operation: null,
      }
    default:
      return undefined
  }
}

export const factsIn = (example: ExampleData): Facts => ({
  all: [],
  get: (request) => answerOf(example, request) as never,
})

/** What one rule makes of one example. */
const gives = (family: Family, example: ExampleData): ReadonlyArray<string> =>
  correct(
    {
      command: example.command,
      dir: ".",
      exit: example.exit ?? 1,
      ...(example.output === undefined ? {} : { output: example.output }),
    },
    factsIn(example),
    { commands: [] },
    [family],
  ).map(({ command }) => command)

export interface ExampleProblem {
  readonly path: ReadonlyArray<string | number>
  readonly message: string
}

/** Where a rule does not do what its examples say. */
export const checkExamples = (data: CorrectionData): ReadonlyArray<ExampleProblem> => {
  const family = { name: data.name, corrections: [compileCorrection(data)] }
  const wrong = (data.match ?? []).flatMap((example, at): ReadonlyArray<ExampleProblem> => {
    const made = gives(family, example)
    const [first] = made
    const path = ["match", at]
    if (first === undefined) return [{ path, message: `"${example.command}" gives nothing` }]
    return example.gives === undefined || first === example.gives
      ? []
      : [
          {
            path: [...path, "gives"],
            message: `"${example.command}" gives "${first}", not "${example.gives}"`,
          },
        ]
  })
  const spoken = (data.no_match ?? []).flatMap((example, at): ReadonlyArray<ExampleProblem> => {
    const [first] = gives(family, example)
    return first === undefined
      ? []
      : [
          {
            path: ["no_match", at],
            message: `"${example.command}" gives "${first}", and should give nothing`,
          },
        ]
  })
  return [...wrong, ...spoken]
}
