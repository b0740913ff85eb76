/**
 * Makes a rule set from texts: the command table, the rule files of all tiers, and the check of every example.
 * Pure. Invariants: an error in a shipped or user file breaks the gate (it then denies everything and says why);
 * an error in a workspace's file denies in that workspace; a warning leaves the rest in force.
 */
import type { ToolCall, VerdictKind } from "../src/domain/action.ts"
import {
  type CommandSpec,
  type CommandTable,
  loadTable,
  type Problem,
  type SourceText,
} from "./CommandTable.ts"
import { compile } from "./compile.ts"
import { ownWorktree } from "./conditions.ts"
import { evaluate, type RuleSet } from "./evaluate.ts"
import { memoryOracle } from "./memoryOracle.ts"
import { type Example, loadRuleFile, type Rule, type RuleFile, ruleMatches } from "./rules.ts"
import type { Scope } from "./Scope.ts"

/** The workspace that examples in rule files and in the command table play in. */
const exampleScope: Scope = {
  workspace: "/home/you/project",
  cwd: "/home/you/project",
  home: "/home/you",
  actor: "claw",
  trust: "trusted",
  own: ["/home/you/project/.claw"],
  ownReadable: ["/home/you/project/.claw/policies"],
  secrets: [],
  isCompromised: () => false,
}
const here = exampleScope.workspace
const exampleOracle = memoryOracle({
  [`${here}/README.md`]: "file",
  [`${here}/package.json`]: "file",
  [`${here}/lib/a.ts`]: "file",
  [`${here}/.env`]: "file",
  [`${here}/.git/config`]: "file",
  [`${here}/.git/index.lock`]: "file",
  [`/home/you/.ssh/id_rsa`]: "file",
})

const labelOf = (example: Example): string =>
  example.call.tool === "bash"
    ? String(example.call.input["command"])
    : `${example.call.tool} ${JSON.stringify(example.call.input)}`

const checkRule = (rule: Rule, table: CommandTable): ReadonlyArray<Problem> => {
  const at = (message: string): Problem => ({
    file: rule.file,
    line: rule.line,
    column: rule.column,
    message,
    severity: "error",
  })
  const unwanted = new Set(rule.notMatch.map(labelOf))
  const both = rule.match.filter((example) => unwanted.has(labelOf(example)))
  if (both.length > 0)
    return both.map((example) =>
      at(`"${rule.name}": "${labelOf(example)}" stands in both match and not_match`),
    )
  const where =
    rule.workspace === null
      ? exampleScope
      : { ...exampleScope, workspace: rule.workspace, cwd: rule.workspace }
  const scope: Scope = {
    ...where,
    ...(rule.tainted ? { trust: "untrusted" } : {}),
    ownWorktree: rule.conditions.some(({ key }) => key === ownWorktree),
  }
  const hits = (example: Example): boolean => {
    const compiled = compile(example.call, scope, exampleOracle, table)
    const subjects = compiled.seen.length === 0 ? [null] : compiled.seen
    return subjects.some((seen) => ruleMatches(rule, { seen, tool: compiled.tool, scope }))
  }
  return [
    ...rule.match
      .filter((example) => !hits(example))
      .map((example) => at(`"${rule.name}" does not match its example "${labelOf(example)}"`)),
    ...rule.notMatch
      .filter(hits)
      .map((example) => at(`"${rule.name}" matches "${labelOf(example)}", which stands in not_match`)),
  ]
}

/** Each example of the command table, judged by the rules at hand. */
const checkSpec = (spec: CommandSpec, rules: RuleSet): ReadonlyArray<Problem> => {
  const check = (command: string, wanted: VerdictKind): ReadonlyArray<Problem> => {
    const call: ToolCall = { tool: "bash", input: { command } }
    const verdict = evaluate(rules, compile(call, exampleScope, exampleOracle, rules.table), exampleScope)
    if (verdict.verdict === wanted) return []
    const message = `the example "${command}" gives ${verdict.verdict} (${verdict.rule}), not ${wanted}`
    return [{ file: spec.file, line: spec.line, column: 1, message, severity: "error" }]
  }
  return [
    ...spec.allow.flatMap((command) => check(command, "allow")),
    ...spec.ask.flatMap((command) => check(command, "ask")),
    ...spec.deny.flatMap((command) => check(command, "deny")),
  ]
}

export interface PolicyTexts {
  readonly commands: ReadonlyArray<SourceText>
  readonly files: ReadonlyArray<RuleFile>
}

const placed = ({ file, line, column, message }: Problem): string => `${file}:${line}:${column}: ${message}`

export const loadRuleSet = (texts: PolicyTexts): RuleSet => {
  const { table, problems: tableProblems } = loadTable(texts.commands)
  const loaded = texts.files.map(loadRuleFile)
  const rules = loaded.flatMap((each) => each.rules)
  const examples = rules.flatMap((rule) => checkRule(rule, table))
  const problems = [...tableProblems, ...loaded.flatMap((each) => each.problems), ...examples]
  const workspaceFiles = new Map(
    texts.files.flatMap((file) => (file.tier === "workspace" ? [[file.file, file.workspace]] : [])),
  )
  const errors = problems.filter((problem) => problem.severity === "error")
  const grave = errors.filter((problem) => !workspaceFiles.has(problem.file))
  const missing = rules.some((rule) => rule.tier === "builtin") ? null : "the built-in rules are missing"
  const broken =
    grave.length > 0 ? `the policies have errors: ${grave.slice(0, 3).map(placed).join("; ")}` : missing
  const shut = errors
    .filter((problem) => workspaceFiles.has(problem.file))
    .map((problem) => shutRule(problem, workspaceFiles.get(problem.file) ?? null))
  const whole = { rules: [...rules, ...shut], table, problems, broken }
  const specs = new Set([...table.specs.values()].flat())
  const tables =
    broken === null && shippedOnly(texts) ? [...specs].flatMap((spec) => checkSpec(spec, whole)) : []
  if (tables.length === 0) return whole
  return {
    ...whole,
    problems: [...problems, ...tables],
    broken: `the command table has errors: ${tables.slice(0, 3).map(placed).join("; ")}`,
  }
}

/** The table's examples say what the shipped rules give; a user's stricter rules would rightly contradict them. */
const shippedOnly = (texts: PolicyTexts): boolean =>
  texts.files.every((file) => file.tier === "builtin" || file.tier === "preset")

/** Stands for a workspace's file that cannot be read: nothing is done there until it is mended. */
const shutRule = (problem: Problem, workspace: string | null): Rule => ({
  name: "workspace-policy-broken",
  verdict: "deny",
  tier: "workspace",
  workspace,
  file: problem.file,
  line: problem.line,
  column: problem.column,
  reason: `the workspace's policy has an error (${problem.message})`,
  tainted: false,
  local: false,
  conditions: [{ key: "workspace", wants: workspace ?? "", holds: () => true }],
  match: [],
  notMatch: [],
})
