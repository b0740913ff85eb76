/**
 * The typed git operations as the gate sees them: the command line each stands for, and the files it touches
 * beyond that. An operation it does not know is uncertain.
 */
import type { Collector } from "../Collector.ts"
import { gitArgv } from "./gitArgv.ts"

type Input = Readonly<Record<string, unknown>>

const texts = (value: unknown): ReadonlyArray<string> =>
  Array.isArray(value) ? value.filter((each) => typeof each === "string") : []
const text = (value: unknown): ReadonlyArray<string> => (typeof value === "string" ? [value] : [])

/** argv of an operation; null: not known, or its input does not fit. */
export const gitToolArgv = (input: Input, collector: Collector): ReadonlyArray<string> | null => {
  const { operation } = input
  const paths = texts(input["paths"])
  const cwd = collector.scope.cwd
  switch (operation) {
    case "stage":
      return ["git", "add", "--", ...paths]
    case "unstage":
      return ["git", "reset", "--quiet", "--", ...paths]
    case "commit":
      return [
        "git",
        "commit",
        ...(input["amend"] === true ? ["--amend"] : []),
        ...text(input["message"]).map((message) => `--message=${message}`),
      ]
    case "push":
      return ["git", "push", ...text(input["remote"]), ...text(input["branch"])]
    case "pull":
      return ["git", "pull", input["how"] === "rebase" ? "--rebase" : "--ff-only"]
    case "fetch":
      return ["git", "fetch", ...text(input["remote"])]
    case "restore":
      for (const path of paths) collector.path("write", path, cwd)
      return ["git", "restore", "--", ...paths]
    case "branch-create":
      return ["git", "switch", "--create", ...text(input["name"]), ...text(input["from"])]
    case "branch-switch":
      return ["git", "switch", ...text(input["name"])]
    case "remove-stale-lock":
      collector.path("delete", ".git/index.lock", collector.scope.workspace)
      return []
    case "stash-push":
      return ["git", "stash", "push"]
    default:
      return gitArgv(input)
  }
}
