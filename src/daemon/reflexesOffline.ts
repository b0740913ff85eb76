/**
 * Reflexes without a daemon: which there are, whether rule files hold, and what would be proposed for a failed command.
 * Nothing of a command is run, and nothing is read of the machine but rule files: what lies there is what the case says.
 */
import { Effect } from "effect"
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import type { ExampleData } from "../config/correctionRules.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { correct } from "../decide/corrections/correct.ts"
import type { Family } from "../decide/corrections/Correction.ts"
import { offered } from "../decide/corrections/reflexes.ts"
import { reflexes } from "../decide/registry.ts"
import { factsIn } from "../decide/rules/examples.ts"
import { loadOwn } from "../decide/rules/ownRules.ts"
import { showRuleProblem } from "../decide/rules/read.ts"
import { workspaceReflexes } from "./Configs.ts"
import { reflexFolder, shippedNames, textsIn } from "./ownRules.ts"

type Tier = "shipped" | "user" | "workspace"

export interface ReflexRow {
  readonly v: 1
  readonly rule: string
  /** The reflex that speaks for it: the name that settings switch off. */
  readonly reflex: string
  readonly tier: Tier
  readonly file: string | null
  /** Written as data, as one of a user's would be. */
  readonly data: boolean
  readonly reason: string | null
}

interface Own {
  readonly user: ReturnType<typeof loadOwn>
  readonly workspace: ReturnType<typeof loadOwn>
}

const readOwn = async (directories: DirectoriesShape, cwd: string): Promise<Own> => {
  const user = loadOwn(await textsIn(join(directories.config, reflexFolder)), null, shippedNames)
  const texts = await textsIn(join(cwd, workspaceReflexes))
  return {
    user,
    workspace: loadOwn(texts, cwd, new Set([...shippedNames, ...user.families.map(({ name }) => name)])),
  }
}

const rowsOf = (tier: Tier, families: ReadonlyArray<Family>): ReadonlyArray<ReflexRow> =>
  families.flatMap((family) =>
    family.corrections.map((correction): ReflexRow => ({
      v: 1,
      rule: correction.name,
      reflex: family.name,
      tier,
      file: family.file ?? null,
      data: correction.data !== undefined,
      reason: correction.data?.reason ?? null,
    })),
  )

export const listReflexes = (directories: DirectoriesShape, cwd: string) =>
  Effect.promise(async (): Promise<ReadonlyArray<ReflexRow>> => {
    const own = await readOwn(directories, cwd)
    const families = new Set(offered.map(({ name }) => name))
    const others = reflexes
      .filter(({ name }) => !families.has(name))
      .map(({ name }): ReflexRow => ({
        v: 1,
        rule: name,
        reflex: name,
        tier: "shipped",
        file: null,
        data: false,
        reason: null,
      }))
    return [
      ...rowsOf("user", own.user.families),
      ...rowsOf("workspace", own.workspace.families),
      ...others,
      ...rowsOf("shipped", offered),
    ]
  })

interface Checked {
  readonly rules: number
  readonly examples: number
  readonly problems: ReadonlyArray<string>
}

/** Of these files, or of the user's and the folder's own where none is given. */
export const checkReflexes = (directories: DirectoriesShape, cwd: string, files: ReadonlyArray<string>) =>
  Effect.promise(async (): Promise<Checked> => {
    const problems: Array<string> = []
    const texts = await Promise.all(
      files.map(async (file) => {
        try {
          return { file, text: await readFile(file, "utf8") }
        } catch (error) {
          problems.push(`${file}: ${(error as Error).message}`)
          return { file, text: "" }
        }
      }),
    )
    const own = await readOwn(directories, cwd)
    const loaded = files.length === 0 ? [own.user, own.workspace] : [loadOwn(texts, null, shippedNames)]
    const rules = loaded.flatMap(({ families }) => families.flatMap(({ corrections }) => corrections))
    return {
      rules: rules.length,
      examples: rules
        .map(({ data }) => (data?.match?.length ?? 0) + (data?.no_match?.length ?? 0))
        .reduce((sum, count) => sum + count, 0),
      problems: [...problems, ...loaded.flatMap((each) => each.problems.map(showRuleProblem))],
    }
  })

export interface Proposed {
  readonly v: 1
  readonly command: string
  readonly proposed: ReadonlyArray<{
    readonly command: string
    readonly rule: string
    readonly reflex: string
    readonly file: string | null
    readonly danger: "none" | "weigh"
  }>
}

/** What would be proposed for each of these failed commands, best first. */
export const tryReflexes = (directories: DirectoriesShape, cwd: string, cases: ReadonlyArray<ExampleData>) =>
  Effect.promise(async (): Promise<ReadonlyArray<Proposed>> => {
    const own = await readOwn(directories, cwd)
    const all = [...own.user.families, ...own.workspace.families, ...offered]
    return cases.map(({ command, exit, output, ...rest }): Proposed => {
      const input = { command, dir: ".", exit: exit ?? 1, ...(output === undefined ? {} : { output }) }
      const lines = correct(input, factsIn({ command, ...rest }), { commands: [] }, all)
      return {
        v: 1,
        command,
        proposed: lines.flatMap(({ command: line, rule, family, file, danger }) =>
          danger === "never" ? [] : [{ command: line, rule, reflex: family, file, danger }],
        ),
      }
    })
  })
