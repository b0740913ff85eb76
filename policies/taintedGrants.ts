/**
 * What a person's standing answer may allow in a conversation that rests on text an outsider could have written, where
 * the person said so by name: writing plain files of the workspace by tools that can take it back, and one very command
 * in the sandbox. Pure.
 * Invariants: never the network, a deletion, a secret, a file that other programs run or obey, a program of other than
 * plain kinds, nor what cannot be taken apart; each effect is looked at again whenever such an answer is to count.
 */
import type { GrantInForce } from "../src/domain/grant.ts"
import type { Seen } from "./Collector.ts"
import type { Compiled } from "./compile.ts"
import type { GrantOffer } from "./grantOffer.ts"
import { isManifest } from "./manifests.ts"
import { within } from "./PathOracle.ts"
import type { Scope } from "./Scope.ts"

/** Tools that change files and nothing else; what they changed can be taken back byte for byte. */
const fileTools = ["write_file", "edit_file", "apply_patch", "NotebookEdit"] as const
const commandTool = "bash"

/** Kinds of programs that one very command may run: what they do is the sandbox's to bound. */
const programs: ReadonlySet<string> = new Set([
  "read-only",
  "runs",
  "writes",
  "unknown-program",
  "unknown-flag",
])

/** A program run plainly: nothing set in its environment, and below the workspace. */
export const runsPlainly = ({ effect }: Seen, workspace: string): boolean =>
  effect._tag === "exec" && Object.keys(effect.env).length === 0 && within(effect.cwd, workspace)

/** It asks nobody, whatever it rests on. */
export const harmlessWhenTainted = (seen: Seen): boolean =>
  (seen.effect._tag === "read" && seen.classes.includes("workspace")) ||
  (seen.effect._tag === "exec" && seen.classes.includes("read-only")) ||
  (seen.effect._tag === "display" && seen.classes.includes("harmless"))

const isPlainWrite = ({ classes, effect }: Seen): boolean =>
  effect._tag === "write" && classes.length === 1 && classes[0] === "workspace" && !isManifest(effect.path)

const isPlainRun = (seen: Seen, workspace: string): boolean =>
  runsPlainly(seen, workspace) && seen.classes.every((each) => programs.has(each))

const isFileTool = (tool: string): boolean => fileTools.some((each) => each === tool)

/** Why no standing answer may speak of this call where outside text is rested on; null: one may. */
export const taintedFault = ({ seen, tool, uncertain }: Compiled, { workspace }: Scope): string | null => {
  if (uncertain !== null) return `it cannot be taken apart (${uncertain})`
  if (!isFileTool(tool) && tool !== commandTool) return `${tool} is always asked there`
  const odd = seen.find(
    (each) =>
      !harmlessWhenTainted(each) &&
      !isPlainWrite(each) &&
      !(tool === commandTool && isPlainRun(each, workspace)),
  )
  if (odd === undefined) return null
  switch (odd.effect._tag) {
    case "write":
      return isManifest(odd.effect.path)
        ? `${odd.effect.path} says what other programs do`
        : `${odd.effect.path} is no plain file of the workspace`
    case "delete":
      return "it deletes"
    case "net":
      return "it reaches the network"
    case "exec":
      return `${odd.effect.argv[0] ?? "it"} is no program of a plain kind (${odd.classes.join(", ")})`
    default:
      return `it is more than writing files (${odd.effect._tag})`
  }
}

/** Whether it may be heard at all in this conversation, as far as that depends on what the conversation rests on. */
export const holdsWhere = ({ alsoTainted, scope }: GrantInForce, { session, trust }: Scope): boolean =>
  alsoTainted === undefined
    ? trust !== "untrusted"
    : alsoTainted.session === session && scope._tag !== "prefix"

const byName = "in this conversation alone, also though it rests on text an outsider could have written"

/** The folder at the workspace's top that holds all of these files, else the workspace. */
const topFolder = (paths: ReadonlyArray<string>, workspace: string): string => {
  const tops = new Set(
    paths.map((path) => {
      const parts = path.slice(workspace.length + 1).split("/")
      return parts.length > 1 ? parts[0]! : ""
    }),
  )
  const [first = ""] = tops
  return tops.size !== 1 || first === "" ? workspace : `${workspace}/${first}`
}

const ofFiles = (compiled: Compiled, { workspace }: Scope): GrantOffer => {
  const paths = compiled.seen.flatMap(({ effect }) => (effect._tag === "write" ? [effect.path] : []))
  const folder = topFolder(paths, workspace)
  const named = folder === workspace ? "the workspace" : folder.slice(workspace.length + 1)
  const others = fileTools.filter((tool) => tool !== compiled.tool)
  return {
    name: "workspace",
    scope: {
      _tag: "workspace",
      tool: compiled.tool,
      others,
      path: folder,
      effects: [{ _tag: "file", use: "write", classes: ["workspace"] }],
    },
    title: `${fileTools.slice(0, -1).join(", ")} and ${fileTools.at(-1)} may write any plain file below ${named}, ${byName}`,
  }
}

/** What can be granted by name; a fault where nothing can. `exactly`: this very call, in words. */
export const taintedOffer = (
  compiled: Compiled,
  scope: Scope,
  exactly: string,
): { readonly fault: string } | GrantOffer => {
  const fault = taintedFault(compiled, scope)
  if (fault !== null) return { fault }
  return isFileTool(compiled.tool)
    ? ofFiles(compiled, scope)
    : {
        name: "exact",
        scope: { _tag: "exact", call: compiled.key },
        title: `exactly this: ${exactly}, ${byName}`,
      }
}
