/**
 * Makes a reflex of one that is written as data: the situation decides whether it is about this, facts decide its
 * conditions, and templates make what it says and offers.
 * Invariants: pure and total; a word from outside enters a line only where `plain` lets it; a line that cannot simply be
 * taken back is a question with nothing ready to run, one that turns a safeguard off is not offered at all.
 */
import { listOf } from "../../config/correctionRules.ts"
import type { ReflexData } from "../../config/reflexRules.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { bash } from "../actions.ts"
import { sameLine } from "../checks.ts"
import { plain } from "../corrections/Correction.ts"
import { type Danger, dangerOf } from "../corrections/dangers.ts"
import { plainWords } from "../corrections/rule.ts"
import type { Memory, Reflex, Silence, Timing } from "../Decider.ts"
import { dirName } from "../paths.ts"
import { listed, propose, silent } from "../proposal.ts"
import { stagedExpiry } from "../reflexes/stagedFiles.ts"
import { within } from "../state.ts"
import { compileGiven, type Given } from "./given.ts"
import { compileMatch, type Match } from "./matching.ts"
import { filled, placeholdersIn, stretchesIn } from "./patterns.ts"
import { isAboutCommand } from "./seen.ts"

/** A working day's: what was said yesterday may be said this morning. */
const dayMs = 18 * 60 * 60_000
const commandTtlMs = 15 * 60_000
const otherTtlMs = 24 * 60 * 60_000
const maxFiles = 50

const timingOf = ({ timing, when }: ReflexData): Timing =>
  timing ?? (isAboutCommand(when) ? "command" : when === "files.settled" ? "settled" : "boundary")

type Words = ReadonlyMap<string, string>

const wordsOf = ({ bound, seen }: Match, { branch, files, uncommitted }: Given): Words =>
  new Map([
    ...bound,
    ["branch", branch ?? "HEAD"],
    ["count", String(files.length)],
    ...(seen.command === null ? [] : [["line", seen.command.line] as const]),
    ...(files[0] === undefined
      ? []
      : ([
          ["file", files[0]],
          ["folder", dirName(files[0])],
          ["files", listed(files)],
        ] as const)),
    ...(uncommitted.length === 0 ? [] : [["uncommitted", listed(uncommitted)] as const]),
  ])

/** Lists as words of a line, each quoted as it needs; null where one may not stand in a line. */
const wordsInLine = (paths: ReadonlyArray<string>): string | null => {
  const words = paths.slice(0, maxFiles).map(plain)
  return words.some((word) => word === null) ? null : words.join(" ")
}

const scopeOf = (
  { once_per: per }: ReflexData,
  { seen }: Match,
  { branch, files, head }: Given,
): ReadonlyArray<unknown> | null => {
  switch (per) {
    case "file":
      return [per, files.toSorted()]
    case "branch":
      return [per, branch]
    case "commit":
      return [per, head]
    case "session":
      return [per, seen.command?.session ?? null]
    case "workspace":
      return [per]
    default:
      return null
  }
}

const expiryOf = (data: ReflexData, { seen }: Match, { files }: Given): ReadonlyArray<string> => {
  const session = seen.command === null ? [] : [`session:${seen.command.session}`]
  if (data.expires === undefined)
    return isAboutCommand(data.when)
      ? session
      : data.when === "index.staged"
        ? stagedExpiry
        : data.when === "files.settled" || data.when === "head.moved"
          ? []
          : ["git:HEAD"]
  return data.expires.flatMap((what) => {
    switch (what) {
      case "file":
        return files.slice(0, maxFiles).map((path) => `file:${path}`)
      case "HEAD":
        return ["git:HEAD"]
      case "index":
        return ["git:index", "index:empty"]
      case "next":
        return session
    }
  })
}

const wasSaid = (
  { name, once_per: per }: ReflexData,
  { fingerprint }: Proposal,
  workspace: string | null,
  { nowMs = 0, saidOnce = [] }: Memory,
): boolean =>
  saidOnce.some(
    (said) =>
      said.rule === name &&
      said.workspace === workspace &&
      (per === "day" ? within(nowMs, said.atMs, dayMs) : said.fingerprint === fingerprint),
  )

export interface Place {
  /** Null: it counts in every workspace. */
  readonly workspace: string | null
  readonly file: string
}

export const compileReflex = (data: ReflexData, { file, workspace }: Place): Reflex => {
  const lines = listOf(data.run)
  const stretches = stretchesIn(listOf(data.says))
  const usesBranch = [data.title, data.note ?? "", ...lines].some((text) =>
    placeholdersIn(text)?.includes("branch"),
  )
  const matchOf = compileMatch(data)
  const needsPlace = usesBranch || data.once_per === "branch" || data.once_per === "commit"
  // a no holds until the next commit
  const { asks, given } = compileGiven(data, needsPlace || data.when === "files.settled")
  const about = (situation: Situation): Match | null =>
    workspace === null || situation.workspace === workspace ? matchOf(situation) : null

  const inLine =
    ({ seen }: Match, { files, uncommitted }: Given) =>
    (word: string, name: string): string | null => {
      if (name === "files") return wordsInLine(files)
      if (name === "uncommitted") return wordsInLine(uncommitted)
      if (name === "line") return seen.command?.line ?? null
      return stretches.has(name) ? plainWords(word) : plain(word)
    }

  const said = (situation: Situation, match: Match, now: Given): Proposal | Silence => {
    const words = wordsOf(match, now)
    const asIs = (text: string): string | null => filled(text, words, (word) => word)
    const title = asIs(data.title)
    const run = lines.map((text) => filled(text, words, inLine(match, now)))
    if (title === null || run.some((line) => line === null)) return silent("a word of it may not stand there")
    const ready = run.flatMap((line) => (line === null ? [] : [line]))
    const dangers: ReadonlyArray<Danger> = ready.map(dangerOf)
    if (dangers.includes("never")) return silent("what it would run is never offered")
    const weigh = dangers.includes("weigh")
    const cwd = match.seen.command?.cwd ?? situation.workspace
    if (cwd === null) return silent("no folder is known to run it in")
    const calls = ready.map((line) => bash(line, cwd))
    const scope = scopeOf(data, match, now)
    const note = data.note === undefined ? null : asIs(data.note)
    return propose(data.name, scope === null ? situation : { ...situation, subject: "" }, {
      title,
      why: [
        {
          text:
            data.reason ?? `${data.when}: ${words.get("files") ?? words.get("line") ?? now.branch ?? "here"}`,
          seq: situation.evidence.at(-1) ?? null,
        },
        ...(note === null ? [] : [note]),
        `told by ${data.name} of ${file}${weigh ? "; it cannot simply be taken back, so nothing of it is ready to run" : ""}`,
      ],
      same: scope ?? [title, ready, now.files.toSorted(), now.head],
      mode: weigh ? "question" : (data.mode ?? (ready.length === 0 ? "notify" : "draft")),
      risk: weigh ? "high" : "low",
      urgent: data.urgent === true && workspace === null,
      actions: weigh ? [] : calls,
      alternatives: weigh ? [calls] : [],
      expiresWhen: [
        ...expiryOf(data, match, now),
        ...(ready.length === 0 ? [] : [`ran:${sameLine(ready.at(-1)!)}`]),
      ],
      ttlMs: isAboutCommand(data.when) ? commandTtlMs : otherTtlMs,
    })
  }

  return {
    name: data.name,
    situations: [data.when],
    timing: timingOf(data),
    ...(data.once_per === undefined ? {} : { once: true as const }),
    data,
    applies: (situation) => about(situation) !== null,
    probes: (situation) => {
      const match = about(situation)
      return match === null ? [] : asks(match)
    },
    propose: (situation, facts, memory) => {
      const match = about(situation)
      if (match === null) return silent("it is not about this")
      const now = given(match, facts)
      if ("silent" in now) return now
      const proposal = said(situation, match, now)
      return !("silent" in proposal) &&
        data.once_per !== undefined &&
        wasSaid(data, proposal, situation.workspace, memory)
        ? silent(`said before, and once a ${data.once_per} is enough`)
        : proposal
    },
  }
}
