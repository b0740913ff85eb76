/**
 * The one sentence a backtest of rules ends with: what following them would have spared, let through, stopped, and
 * what to do about it. Pure.
 */
import type { PolicyFacts } from "./backtestGroups.ts"

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`

const spared = ({ approvals, changes }: PolicyFacts): ReadonlyArray<string> =>
  changes.allow.calls === 0
    ? []
    : [
        `spared ${approvals.spared} of ${counted(approvals.given, "approval")}`,
        `let through ${counted(changes.allow.rejected, "call")} you rejected`,
        ...(changes.allow.undone > 0 ? [`let through ${changes.allow.undone} you took back`] : []),
        ...(changes.allow.unanswered > 0 ? [`run ${changes.allow.unanswered} that you never answered`] : []),
      ]

const stopped = ({ changes: { deny, ask } }: PolicyFacts): ReadonlyArray<string> => [
  ...(deny.calls === 0
    ? []
    : [
        `denied ${counted(deny.kept + deny.failed, "call")} you wanted`,
        ...(deny.undone > 0 ? [`stopped ${deny.undone} that you took back`] : []),
        ...(deny.rejected + deny.unanswered > 0
          ? [`spared you ${counted(deny.rejected + deny.unanswered, "question")} you did not say yes to`]
          : []),
      ]),
  ...(ask.calls === 0
    ? []
    : [
        `asked about ${counted(ask.calls, "call")} that ${ask.calls === 1 ? "was" : "were"} allowed${ask.undone > 0 ? ` (${ask.undone} of which you took back)` : ""}`,
      ]),
]

const listed = (parts: ReadonlyArray<string>): string =>
  parts.length < 2 ? (parts[0] ?? "") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`

const advice = ({ changes: { allow, deny }, groups }: PolicyFacts): string => {
  const leak = groups.find((group) => group.kind === "allow" && group.rejected > 0)
  if (leak !== undefined)
    return ` Do not use it as it is: narrow ${leak.rule} (line ${leak.line}) until it lets through none of those.`
  const wanted = deny.kept + deny.failed
  const nuisance = groups.find((group) => group.kind === "deny" && group.kept > 0)
  if (nuisance !== undefined && wanted > deny.undone)
    return ` It costs more than it helps: ${nuisance.rule} (line ${nuisance.line}) alone stops ${nuisance.kept} you kept.`
  if (allow.undone > 0 || allow.unanswered > 0) return " Look first at those you took back or never answered."
  return ""
}

export const backtestSentence = (facts: PolicyFacts): string => {
  const { changes, held } = facts
  if (facts.calls === 0) return "The log holds no call to judge: there is nothing to learn from it yet."
  const did = [...spared(facts), ...stopped(facts)]
  const offered =
    changes.offer.calls > 0 ? [`asked about ${counted(changes.offer.calls, "call")} that were denied`] : []
  const all = [...did, ...offered]
  const first =
    all.length === 0
      ? "This policy would have changed nothing: every call is judged as it was."
      : `This policy would have ${listed(all)}.`
  const taint =
    held.calls === 0
      ? ""
      : ` ${counted(held.calls, "more call")} it allows would be asked all the same, because they rest on text an outsider could have written (of these you kept ${held.kept}, rejected ${held.rejected}).`
  return `${first}${advice(facts)}${taint}`
}
