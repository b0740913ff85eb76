/**
 * Merge-conflict markers in staged lines (offer to unstage), or in files saved and left alone (show where). While a
 * merge is under way its files hold markers rightly, until they are staged: saving them says nothing.
 * What stands in a string, in a block of code or among samples is shown there and not left, unless conflicts came up
 * that no commit has followed.
 */
import type { ProbeAnswer, ProbeTag } from "../../domain/probeAnswers.ts"
import type { ProbeRequest } from "../../domain/probe.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { bash, unstage } from "../actions.ts"
import type { Facts, Reflex, Silence } from "../Decider.ts"
import { isGenerated, isSample } from "../paths.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import { shellWord } from "../words.ts"
import { stagedExpiry, stagedRequest } from "./stagedFiles.ts"

const name = "conflict-markers"

type Request<T extends ProbeTag> = Extract<ProbeRequest, { readonly _tag: T }>
type Marked = { readonly path: string; readonly lines: ReadonlyArray<number> }

type Asked = SituationOf<"files.settled"> | SituationOf<"index.staged">

const markersRequest = (situation: Asked): Request<"conflictMarkers"> => ({
  _tag: "conflictMarkers",
  paths: situation.data.paths,
})

/** Without those that are only shown. */
const meant = (
  marked: ReadonlyArray<Marked>,
  answer: ProbeAnswer<"conflictMarkers"> | undefined,
  { data }: Asked,
): ReadonlyArray<Marked> =>
  data.merged === true || data.operation !== null
    ? marked
    : marked.flatMap(({ lines, path }) => {
        const quoted = answer?.find((each) => each.path === path)?.quoted ?? []
        const left = lines.filter((line) => !quoted.includes(line))
        return left.length < 2 || isSample(path) || isGenerated(path) ? [] : [{ path, lines: left }]
      })

const opening = /^<{7}(?: |$)/
const closing = /^>{7}(?: |$)/

/** Both ends of a conflict among the added lines of a file. */
const stagedMarkers = (staged: ProbeAnswer<"gitStaged">): ReadonlyArray<Marked> =>
  staged.files.flatMap((file) => {
    const lines = file.added.filter(({ text }) => opening.test(text) || closing.test(text))
    const both = lines.some(({ text }) => opening.test(text)) && lines.some(({ text }) => closing.test(text))
    return both ? [{ path: file.path, lines: lines.map(({ line }) => line) }] : []
  })

const look = (paths: ReadonlyArray<string>, cwd: string) => {
  const words = paths.map(shellWord)
  return words.every((word) => word !== null)
    ? [bash(`grep -n -e '^<<<<<<< ' -e '^>>>>>>> ' -- ${words.join(" ")}`, cwd)]
    : []
}

const places = (marked: ReadonlyArray<Marked>): string =>
  listed(marked.map(({ path, lines }) => `${path}:${lines[0] ?? 1}`))

const onStaged = (situation: SituationOf<"index.staged">, facts: Facts): Proposal | Silence => {
  const staged = facts.get<"gitStaged">(stagedRequest)
  if (staged === undefined) return unknown("what is staged")
  const answer = facts.get<"conflictMarkers">(markersRequest(situation))
  const marked = meant(stagedMarkers(staged), answer, situation)
  if (marked.length === 0) return silent("no conflict markers in the staged lines")
  const paths = marked.map(({ path }) => path).toSorted()
  return propose(name, situation, {
    title: `Conflict markers staged in ${places(marked)}: unstage`,
    why: [
      { text: `${listed(paths)} staged`, seq: situation.evidence.at(-1) ?? null },
      ...marked
        .slice(0, 5)
        .map(({ path, lines }) => `${path} has markers at line ${listed(lines.map(String), 6)}`),
    ],
    same: ["staged", ...marked.map(({ path, lines }) => `${path} ${lines.length}`).toSorted()],
    actions: [unstage(paths)],
    expiresWhen: stagedExpiry,
  })
}

const onSettled = (situation: SituationOf<"files.settled">, facts: Facts): Proposal | Silence => {
  const { operation } = situation.data
  if (operation !== null) return silent(`a ${operation} is under way: its files are looked at when staged`)
  const answer = facts.get<"conflictMarkers">(markersRequest(situation))
  if (answer === undefined) return unknown("the saved files")
  const marked = meant(
    answer.filter(({ lines }) => lines.length >= 2),
    answer,
    situation,
  )
  if (marked.length === 0) return silent("no conflict markers in what was saved")
  const paths = marked.map(({ path }) => path).toSorted()
  return propose(name, situation, {
    title: `Conflict markers left in ${places(marked)}`,
    why: [
      { text: `${listed(paths)} saved`, seq: situation.evidence.at(-1) ?? null },
      ...marked
        .slice(0, 5)
        .map(({ path, lines }) => `${path} has markers at line ${listed(lines.map(String), 6)}`),
    ],
    same: ["saved", ...marked.map(({ path, lines }) => `${path} ${lines.length}`).toSorted()],
    mode: "notify",
    actions: situation.workspace === null ? [] : look(paths, situation.workspace),
    // once it is staged, what is staged is spoken of
    expiresWhen: ["git:adding", ...paths.flatMap((path) => [`file:${path}`, `staged:${path}`])],
  })
}

export const conflictMarkers: Reflex = {
  name,
  // it answers the `git add` that staged them, and the commit would come next
  timing: "command",
  situations: ["index.staged", "files.settled"],
  applies: (situation: Situation) =>
    (isSituation(situation, "index.staged") || isSituation(situation, "files.settled")) &&
    situation.data.paths.length > 0,
  probes: (situation) =>
    isSituation(situation, "files.settled")
      ? [markersRequest(situation)]
      : isSituation(situation, "index.staged")
        ? [stagedRequest, markersRequest(situation)]
        : [],
  propose: (situation, facts) =>
    isSituation(situation, "files.settled")
      ? onSettled(situation, facts)
      : isSituation(situation, "index.staged")
        ? onStaged(situation, facts)
        : silent("nothing staged or saved"),
}
