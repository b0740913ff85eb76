/** Summaries of backtests as people read them: counts, groups with examples, one sentence at the end. Pure. */
import type { PolicyRuleRow } from "../rpc/shapes.ts"
import type { AttentionSummary, ChangedCall, PolicySummary, ReflexSummary } from "../rpc/backtests.ts"
import { counted, type Paint, safe, table } from "./output.ts"

type Fates = PolicySummary["held"]

const fates = (counts: Fates): string =>
  [
    `you kept ${counts.kept}`,
    ...(counts.rejected > 0 ? [`rejected ${counts.rejected}`] : []),
    ...(counts.undone > 0 ? [`took back ${counts.undone}`] : []),
    ...(counts.failed > 0 ? [`${counts.failed} ended badly`] : []),
    ...(counts.unanswered > 0 ? [`${counts.unanswered} were never answered`] : []),
  ].join(", ")

const called: Readonly<Record<ChangedCall["fate"], string>> = {
  kept: "you kept it",
  undone: "you took it back",
  failed: "you approved it, and it ended badly",
  rejected: "you rejected it",
  unanswered: "never answered",
  pending: "not answered yet",
  running: "approved, no end in the log",
  "not-run": "approved, and not run",
}

/** A command line, or the tool with its input; one harmless line. */
export const callText = ({ tool, input }: Pick<ChangedCall, "tool" | "input">): string => {
  const text = typeof input["command"] === "string" ? input["command"] : `${tool} ${JSON.stringify(input)}`
  const line = safe(text)
  return line.length > 90 ? `${line.slice(0, 89)}…` : line
}

const heads = {
  allow: "allowed now, asked or denied then",
  offer: "asked about now, denied then",
  ask: "asked about now, allowed then",
  deny: "denied now",
} as const

const bad = (group: PolicySummary["groups"][number]): boolean =>
  (group.kind === "allow" && group.rejected + group.undone > 0) || (group.kind === "deny" && group.kept > 0)

const seen = (summary: PolicySummary): ReadonlyArray<string> => [
  ...(summary.gone > 0
    ? [
        `${counted(summary.gone, "call")} of workspaces that are not there any more: judged by their names alone`,
      ]
    : []),
  ...(summary.seenOtherwise > 0
    ? [`${counted(summary.seenOtherwise, "call")} would do something else today, because files changed since`]
    : []),
  ...(summary.unjudged > 0
    ? [`${counted(summary.unjudged, "verdict")} cannot be judged again: their content was erased`]
    : []),
  ...(summary.replaced > 0
    ? [`${counted(summary.replaced, "verdict")} had been replaced before an answer, and are not counted`]
    : []),
]

export const showPolicy = (summary: PolicySummary, colour: Paint): string => {
  const lines: Array<string> = [
    `${counted(summary.calls, "call")} judged again, ${summary.alike} of them as then`,
    ...seen(summary).map((line) => colour("dim", `  ${line}`)),
  ]
  for (const kind of ["allow", "offer", "ask", "deny"] as const) {
    const counts = summary.changes[kind]
    if (counts.calls === 0) continue
    lines.push("", `${colour("bold", heads[kind])}: ${counted(counts.calls, "call")}; ${fates(counts)}`)
    for (const group of summary.groups.filter((each) => each.kind === kind)) {
      const title = `${safe(group.rule)} (${safe(group.file)}:${group.line})`
      lines.push(`  ${bad(group) ? colour("red", title) : title}: ${group.calls}; ${fates(group)}`)
      for (const example of group.examples)
        lines.push(
          `    ${String(example.seq).padStart(7)}  ${callText(example)}  ${colour("dim", called[example.fate])}`,
        )
    }
  }
  if (summary.held.calls > 0)
    lines.push(
      "",
      `${colour("bold", "allowed by these rules, asked all the same for their origin")}: ${counted(summary.held.calls, "call")}; ${fates(summary.held)}`,
    )
  lines.push("", colour("bold", summary.verdict))
  return lines.join("\n")
}

type Tally = ReflexSummary["silenced"]

const tally = (counts: Tally): string =>
  counts.suggestions === 0
    ? "-"
    : `${counts.suggestions} (kept ${counts.kept}, yourself ${counts.resolved}, no ${counts.dismissed + counts.reverted}, left ${counts.ignored})`

export const showReflexes = (summary: ReflexSummary, colour: Paint): string =>
  [
    `${counted(summary.situations, "situation")}, ${counted(summary.decisions, "decision")} made again, ${summary.same} the same`,
    ...(summary.otherReason > 0
      ? [colour("dim", `  ${summary.otherReason} silent then and now, for another reason`)]
      : []),
    "",
    table([
      ["reflex", "suggested then", "silent now", "otherwise now", "more now"],
      ...summary.rules.map((row) => [
        safe(row.rule),
        tally(row.made),
        tally(row.silenced),
        tally(row.otherwise),
        row.unknown > 0 ? `${row.anew}, unknown ${row.unknown}` : String(row.anew),
      ]),
    ]),
    "",
    colour("bold", summary.verdict),
  ].join("\n")

export const showAttention = (summary: AttentionSummary, colour: Paint): string =>
  [
    `${counted(summary.suggestions, "suggestion")}: ${summary.shown.suggestions} shown then, ${summary.nowShown} now, ${summary.same} of them at the same time`,
    "",
    table([
      ["reflex", "shown then", "not shown now", "later", "earlier", "more now"],
      ...summary.rules.map((row) => [
        safe(row.rule),
        tally(row.shown),
        tally(row.withheld),
        String(row.later),
        String(row.earlier),
        String(row.anew),
      ]),
    ]),
    "",
    colour("bold", summary.verdict),
  ].join("\n")

/** `asked 12, approved 11`; empty where a rule never decided, or nobody knows. */
export const ruleCounts = (counts: PolicyRuleRow["counts"]): string =>
  counts === null
    ? ""
    : (["allowed", "audited", "asked", "denied", "approved", "rejected", "undone", "failed"] as const)
        .filter((key) => counts[key] > 0)
        .map((key) => `${key} ${counts[key]}`)
        .join(", ")
