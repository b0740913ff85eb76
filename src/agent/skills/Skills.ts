/**
 * The skills there are: of the user, and of a workspace. Read anew each time, because they are few and small.
 * Invariants: nothing is read through a link or from outside a skill's folder; bounded in number and size; a workspace's
 * skill is data until its exact `SKILL.md` was trusted, and never stands in the place of the user's own of that name.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { createHash } from "node:crypto"
import { readdirSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { readBelow } from "../../act/openBelow.ts"
import type { Trust } from "../../domain/action.ts"
import { neutralise } from "../../domain/neutralise.ts"
import { redactSecrets } from "../../domain/secrets/findSecrets.ts"
import { Trusted } from "../context/Trusted.ts"
import { readSkill, type SkillText } from "./skillFile.ts"

/** Folders of a workspace that may hold skills; the first to have a name has it. */
export const skillFolders = [".claw/skills", ".claude/skills", ".agents/skills"] as const
const mostInFolder = 100
const mostBytes = 1024 * 1024
const mostFiles = 100
const deepest = 4
/** Characters of one file of its folder that are shown at once. */
const longestFile = 40_000

export interface Skill extends SkillText {
  readonly scope: "workspace" | "user"
  readonly trust: Trust
  /** Its SKILL.md: relative to the workspace, or absolute for the user's own. */
  readonly source: string
  readonly digest: string
}

export class SkillError extends Schema.TaggedError<SkillError>()("SkillError", {
  reason: Schema.Literals(["no-such", "broken"]),
  message: Schema.String,
}) {}

interface Place {
  readonly scope: Skill["scope"]
  /** Real folder that reading starts from, and the folder of skills below it. */
  readonly root: string
  readonly below: string
  /** Before a path below `root`, in what people are shown. */
  readonly shown: string
}

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex")
const decoder = new TextDecoder("utf-8", { fatal: true })
const textOf = (bytes: Uint8Array): string | null => {
  try {
    const text = decoder.decode(bytes)
    return text.includes("\0") ? null : text
  } catch {
    return null
  }
}

const foldersIn = (folder: string): ReadonlyArray<{ readonly name: string; readonly link: boolean }> => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map((entry) => ({ name: entry.name, link: entry.isSymbolicLink() }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .slice(0, mostInFolder)
  } catch {
    return []
  }
}

const broken = (name: string, problem: string): SkillText => ({
  name: neutralise(name).slice(0, 64),
  description: "",
  tools: null,
  body: "",
  problem,
})

const readAt = (
  { below, root, scope, shown }: Place,
  trusted: Readonly<Record<string, string>>,
): ReadonlyArray<Skill & { readonly root: string; readonly folder: string }> =>
  foldersIn(join(root, below)).flatMap(({ link, name }) => {
    const folder = below === "" ? name : `${below}/${name}`
    const path = `${folder}/SKILL.md`
    const bytes = link ? null : readBelow(root, path, mostBytes)
    const text = bytes === null ? null : textOf(bytes)
    if (bytes === null && !link && !hasFile(join(root, folder))) return []
    const digest = bytes === null ? "" : digestOf(bytes)
    const problem = link
      ? "it is a link, and skills are not read through links"
      : "its SKILL.md is a link, too large, or no file"
    const own = scope === "user" || (digest !== "" && trusted[path] === digest)
    return [
      {
        ...(text === null
          ? broken(name, bytes === null ? problem : "its SKILL.md is no text")
          : readSkill(name, text)),
        scope,
        trust: own ? ("trusted" as const) : ("untrusted" as const),
        source: `${shown}${path}`,
        digest,
        root,
        folder,
      },
    ]
  })

const hasFile = (folder: string): boolean => {
  try {
    return readdirSync(folder).includes("SKILL.md")
  } catch {
    return false
  }
}

const filesBelow = (folder: string, below: string, depth: number, found: Array<string>): void => {
  if (depth > deepest || found.length >= mostFiles) return
  try {
    for (const entry of readdirSync(join(folder, below), { withFileTypes: true }).toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = below === "" ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) filesBelow(folder, path, depth + 1, found)
      else if (entry.isFile() && path !== "SKILL.md" && found.length < mostFiles) found.push(path)
    }
  } catch {
    // what cannot be listed is not there
  }
}

const real = (folder: string): string | null => {
  try {
    return realpathSync(folder)
  } catch {
    return null
  }
}

export class Skills extends Context.Service<
  Skills,
  {
    /** Usable ones and, with what is wrong with them, the others. */
    readonly list: (workspace: string) => Effect.Effect<ReadonlyArray<Skill>>
    /** A usable one, and the other files of its folder. */
    readonly load: (
      workspace: string,
      name: string,
    ) => Effect.Effect<{ readonly skill: Skill; readonly files: ReadonlyArray<string> }, SkillError>
    /** A file of its folder: its text, cut where it is long. */
    readonly file: (workspace: string, name: string, path: string) => Effect.Effect<string, SkillError>
  }
>()("claw/agent/Skills") {
  static readonly layer = (options: { readonly home: string; readonly config: string }) =>
    Layer.effect(
      Skills,
      Effect.gen(function* () {
        const trusted = yield* Trusted

        const all = Effect.fnUntraced(function* (workspace: string) {
          const digests = yield* trusted.digests(workspace)
          const own = [
            join(options.config, "skills"),
            ...skillFolders.slice(1).map((folder) => join(options.home, folder)),
          ].flatMap((folder): ReadonlyArray<Place> => {
            const root = real(folder)
            return root === null ? [] : [{ scope: "user", root, below: "", shown: `${folder}/` }]
          })
          const theirs = skillFolders.map((below): Place => ({
            scope: "workspace",
            root: workspace,
            below,
            shown: "",
          }))
          const held = new Map<string, string>()
          return [...own, ...theirs]
            .flatMap((place) => readAt(place, digests))
            .map((skill) => {
              const before = held.get(skill.name)
              if (skill.problem !== null) return skill
              if (before === undefined) {
                held.set(skill.name, skill.source)
                return skill
              }
              return { ...skill, problem: `another of this name comes first: ${before}` }
            })
        })

        const one = Effect.fnUntraced(function* (workspace: string, name: string) {
          const found = (yield* all(workspace)).filter((skill) => skill.name === name)
          const usable = found.find(({ problem }) => problem === null)
          if (usable !== undefined) return usable
          const [wrong] = found
          return yield* new SkillError(
            wrong === undefined
              ? { reason: "no-such", message: `no such skill: ${neutralise(name.slice(0, 64))}` }
              : { reason: "broken", message: `${wrong.source}: ${wrong.problem}` },
          )
        })

        return Skills.of({
          list: Effect.fn("Skills.list")(function* (workspace) {
            return (yield* all(workspace)).map((found): Skill => {
              const { folder: _, root: __, ...skill } = found
              return skill
            })
          }),
          load: Effect.fn("Skills.load")(function* (workspace, name) {
            const { folder, root, ...skill } = yield* one(workspace, name)
            const files: Array<string> = []
            filesBelow(join(root, folder), "", 0, files)
            return { skill, files }
          }),
          file: Effect.fn("Skills.file")(function* (workspace, name, path) {
            const { folder, root, source } = yield* one(workspace, name)
            const missing = new SkillError({
              reason: "no-such",
              message: `${source} has no file ${neutralise(path.slice(0, 200))} in its folder that can be read`,
            })
            if (path.startsWith("/") || path.split("/").includes("..") || path.includes("\0"))
              return yield* missing
            const bytes = readBelow(root, `${folder}/${path}`, mostBytes)
            const text = bytes === null ? null : textOf(bytes)
            if (text === null) return yield* missing
            const kept = text.slice(0, longestFile)
            return redactSecrets(
              kept.length < text.length
                ? `${kept}\n... (${text.length - kept.length} characters left out)`
                : kept,
            )
          }),
        })
      }),
    )
}
