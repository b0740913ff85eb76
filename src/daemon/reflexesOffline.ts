/**
 * Reflexes without a daemon: which there are, whether rule files hold, and what would be said in a situation.
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
import type { Timing } from "../decide/Decider.ts"
import { factsIn } from "../decide/rules/examples.ts"
import { loadOwn, type RuleText, type WrittenReflex } from "../decide/rules/ownRules.ts"
import { showRuleProblem } from "../decide/rules/read.ts"
import { compileReflex } from "../decide/rules/situations.ts"
import type { ReflexExample, SituationName } from "../config/reflexRules.ts"
import { offers, said } from "../decide/rules/reflexExamples.ts"
import { aboutReflex } from "./aboutReflexes.ts"
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
  /** What it waits for, and when it may be seen then. */
  readonly when: ReadonlyArray<string>
  readonly timing: Timing
}

interface Own {
  readonly user: ReturnType<typeof loadOwn>
  readonly workspace: ReturnType<typeof loadOwn>
}

const namesIn = ({ families, reflexes: written }: ReturnType<typeof loadOwn>): ReadonlyArray<string> => [
  ...families.map(({ name }) => name),
  ...written.map(({ data }) => data.name),
]

const readOwn = async (directories: DirectoriesShape, cwd: string): Promise<Own> => {
  const user = loadOwn(await textsIn(join(directories.config, reflexFolder)), null, shippedNames)
  const texts = await textsIn(join(cwd, workspaceReflexes))
  return {
    user,
    workspace: loadOwn(texts, cwd, new Set([...shippedNames, ...namesIn(user)])),
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
      reason: correction.data?.reason ?? aboutReflex(family.name),
      when: ["command.failed"],
      timing: "command",
    })),
  )

const writtenRows = (tier: Tier, written: ReadonlyArray<WrittenReflex>): ReadonlyArray<ReflexRow> =>
  written.map(({ data, file, reflex }) => ({
    v: 1,
    rule: data.name,
    reflex: data.name,
    tier,
    file,
    data: true,
    reason: data.reason ?? null,
    when: reflex.situations,
    timing: reflex.timing ?? "boundary",
  }))

export const listReflexes = (directories: DirectoriesShape, cwd: string) =>
  Effect.promise(async (): Promise<ReadonlyArray<ReflexRow>> => {
    const own = await readOwn(directories, cwd)
    const families = new Set(offered.map(({ name }) => name))
    const others = reflexes
      .filter(({ name }) => !families.has(name))
      .map(({ name, situations, timing }): ReflexRow => ({
        v: 1,
        rule: name,
        reflex: name,
        tier: "shipped",
        file: null,
        data: false,
        reason: aboutReflex(name),
        when: situations,
        timing: timing ?? "boundary",
      }))
    return [
      ...writtenRows("user", own.user.reflexes),
      ...rowsOf("user", own.user.families),
      ...writtenRows("workspace", own.workspace.reflexes),
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
    // below a workspace's folder stand a workspace's rules, wherever one asks from
    const isWorkspaces = ({ file }: RuleText): boolean => file.includes(`/${workspaceReflexes}/`)
    const loaded =
      files.length === 0
        ? [own.user, own.workspace]
        : [
            loadOwn(
              texts.filter((text) => !isWorkspaces(text)),
              null,
              shippedNames,
            ),
            loadOwn(texts.filter(isWorkspaces), cwd, shippedNames),
          ]
    const rules = loaded.flatMap(({ families, reflexes: written }) => [
      ...families.flatMap(({ corrections }) => corrections.map(({ data }) => data)),
      ...written.map(({ data }) => data),
    ])
    return {
      rules: rules.length,
      examples: rules
        .map((data) => (data?.match?.length ?? 0) + (data?.no_match?.length ?? 0))
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

export interface Said {
  readonly v: 1
  readonly when: SituationName
  readonly said: ReadonlyArray<{
    readonly rule: string
    readonly file: string
    readonly title: string
    readonly mode: string
    readonly run: ReadonlyArray<string>
  }>
  readonly silent: ReadonlyArray<{ readonly rule: string; readonly reason: string }>
}

export interface SituationCase {
  readonly when: SituationName
  readonly example: ReflexExample
}

/** What the rules written as data would say in each of these situations. */
export const trySituations = (
  directories: DirectoriesShape,
  cwd: string,
  cases: ReadonlyArray<SituationCase>,
) =>
  Effect.promise(async (): Promise<ReadonlyArray<Said>> => {
    const own = await readOwn(directories, cwd)
    const all = [
      ...own.user.reflexes,
      // here every folder is the example's
      ...own.workspace.reflexes.map((each) => ({
        ...each,
        reflex: compileReflex(each.data, { workspace: null, file: each.file }),
      })),
    ]
    return cases.map(({ example, when }): Said => {
      const answers = all
        .filter(({ data }) => data.when === when)
        .map((each) => ({ each, answer: said(each.reflex, when, example) }))
      return {
        v: 1,
        when,
        said: answers.flatMap(({ answer, each: { data, file } }) =>
          "silent" in answer
            ? []
            : [{ rule: data.name, file, title: answer.title, mode: answer.mode, run: offers(answer) }],
        ),
        silent: answers.flatMap(({ answer, each }) =>
          "silent" in answer ? [{ rule: each.data.name, reason: answer.silent }] : [],
        ),
      }
    })
  })
