/** An explained verdict as people read it: parse, effects with each rule tried, grants, near misses, ways to a yes. Pure. */
import type { ExplainView } from "../rpc/grants.ts"
import { type Paint, safe } from "./output.ts"

type Effect = ExplainView["effects"][number]
type Tried = Effect["tried"][number]

const verdictColour = { allow: "green", audit: "green", ask: "yellow", deny: "red" } as const
const kindColour = (kind: string) => verdictColour[kind as keyof typeof verdictColour] ?? "dim"

const placed = ({
  file,
  line,
  rule,
}: {
  readonly rule: string
  readonly file: string
  readonly line: number
}) => `${safe(rule)} (${safe(file)}:${line})`

const wanted = ({ failed }: Tried): string =>
  failed.map(({ key, wants }) => `${key} is not ${safe(wants)}`).join(", ")

const effectLines = (effect: Effect, colour: Paint): ReadonlyArray<string> => {
  const matched = effect.tried.filter((tried) => tried.matched)
  const elsewhere = (tried: Tried) => tried.failed.some(({ key }) => key === "effect")
  const missed = effect.tried.filter((tried) => !tried.matched && !elsewhere(tried))
  const others = effect.tried.filter(elsewhere).length
  return [
    `  ${colour("bold", safe(effect.summary))}${effect.classes.length === 0 ? "" : colour("dim", `  [${effect.classes.join(", ")}]`)}`,
    ...(effect.note === null ? [] : [`    ${safe(effect.note)}`]),
    ...matched.map(
      (tried) =>
        `    ${colour(kindColour(tried.verdict), `matched  ${tried.verdict.padEnd(5)}`)} ${placed(tried)}`,
    ),
    ...(matched.length === 0 ? [`    ${colour("yellow", "no rule matched")}`] : []),
    ...missed.map((tried) =>
      colour("dim", `    not      ${tried.verdict.padEnd(5)} ${placed(tried)}: ${wanted(tried)}`),
    ),
    ...(others === 0 ? [] : [colour("dim", `    ${others} rules speak of other kinds of effects`)]),
  ]
}

const isFree = (verdict: string): boolean => verdict === "allow" || verdict === "audit"

/**
 * Of the near misses those that would have changed something, what would allow first: not on effects that are allowed
 * anyway, and not where it would have to be another tool.
 */
const nearMisses = (
  { effects, nearMisses: all, verdict }: ExplainView,
  colour: Paint,
): ReadonlyArray<string> => {
  const order = ["allow", "audit", "ask", "deny"]
  const free = isFree(verdict.verdict)
  const allowed = new Set(
    effects
      .filter(({ tried }) => tried.some((one) => one.matched && isFree(one.verdict)))
      .map(({ summary }) => summary),
  )
  const telling = all
    .filter((miss) => isFree(miss.verdict) !== free && (free || !allowed.has(miss.effect)))
    .filter(({ failed }) => !failed.some(({ key }) => key === "tool" || (free && key === "class")))
    .toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
  if (telling.length === 0) return []
  return [
    "",
    colour("bold", "near misses"),
    ...telling
      .slice(0, 8)
      .map(
        (miss) => `  ${miss.verdict.padEnd(5)} ${placed(miss)} on "${safe(miss.effect)}": ${wanted(miss)}`,
      ),
    ...(telling.length > 8 ? [colour("dim", `  ${telling.length - 8} more with --json`)] : []),
  ]
}

export const showExplain = (view: ExplainView, colour: Paint): string => {
  const { commands, effects, grants, uncertain, verdict, whole, wouldAllow } = view
  return [
    `${colour(kindColour(verdict.verdict), verdict.verdict)}  ${safe(verdict.reason)}`,
    `by    ${placed(verdict)}`,
    "",
    colour("bold", "parse"),
    `  ${uncertain === null ? "taken apart whole" : colour("yellow", safe(uncertain))}`,
    ...commands.map(
      ({ argv, column }) =>
        `  ${column === null ? "        " : `col ${String(column).padEnd(4)}`}runs ${safe(JSON.stringify(argv))}`,
    ),
    "",
    colour("bold", "effects and rules"),
    ...effects.flatMap((effect) => effectLines(effect, colour)),
    ...whole.map(
      ({ reason, rule, verdict: kind }) =>
        `  ${colour(kindColour(kind), kind.padEnd(5))} ${rule}, the call as a whole: ${safe(reason)}`,
    ),
    ...(grants.length === 0 ? [] : ["", colour("bold", "grants")]),
    ...grants.map(
      ({ fault, grant, title }) =>
        `  ${grant}  ${safe(title)}: ${fault === null ? colour("green", "does its part") : safe(fault)}`,
    ),
    ...nearMisses(view, colour),
    ...(wouldAllow.length === 0 ? [] : ["", colour("bold", "allowed if")]),
    ...wouldAllow.map((way) => `  ${safe(way)}`),
  ].join("\n")
}
