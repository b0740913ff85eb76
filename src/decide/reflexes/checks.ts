/**
 * Checks that ended otherwise than before: what fails elsewhere than where was worked, with the place and the changes
 * since it passed; and tests that failed and passed on the same files.
 * Silent where the failure is in what was just saved or in its own test: who works towards green knows.
 */
import { bash } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { baseName } from "../paths.ts"
import { listed, propose, recheck, silent } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import type { Change } from "../state.ts"

const elsewhere = "fails-elsewhere"
const flaky = "flaky-test"

const maxSaved = 5
/** Below this the whole is run again as soon as the part. */
const longMs = 20_000

/** `src/cart.ts`, `test/cart.test.ts` and `tests/test_cart.py` are of one piece. */
const stemOf = (path: string): string =>
  baseName(path)
    .replace(/\.[^.]+$/, "")
    .replace(/(?:[._-](?:test|tests|spec|e2e|int|unit|cy|it)|Tests?|Spec)+$/i, "")
    .replace(/^tests?[._-]/i, "")
    .toLowerCase()

const ofOnePiece = (a: string, b: string): boolean =>
  a === b || (stemOf(a).length > 1 && stemOf(a) === stemOf(b))

const gitWord = (changes: ReadonlyArray<Change>): string =>
  changes.length === 1 ? "git changed files here" : `git changed files here ${changes.length} times`

export const failsElsewhere: Reflex = {
  name: elsewhere,
  situations: ["check.failed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "check.failed") && situation.data.places.length > 0,
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "check.failed")) return silent("no check failed")
    const { changes, command, cwd, durationMs, exit, failed, movedMeanwhile, only, passed, places, tests } =
      situation.data
    if (changes.length === 0) return silent("nothing that was seen changed since it passed")
    if (changes.some(({ by }) => by === "unseen" || by === "unwatched"))
      return silent("more changed since it passed than is known")
    if (movedMeanwhile)
      return silent("git changed files while it ran: on which of them it failed cannot be told")
    const byGit = changes.filter(({ by }) => by === "git")
    const saves = changes.filter(({ by }) => by === "save")
    const saved = [...new Set(saves.flatMap(({ paths }) => paths))]
    if (byGit.length > 0 && saved.some((path) => !byGit.some(({ paths }) => paths.includes(path))))
      return silent("git and edits both changed files since it passed: which it was cannot be told")
    if (byGit.length === 0 && saved.length > maxSaved)
      return silent(`${saved.length} files were saved since it passed: which it was cannot be told`)
    const [first] = places
    if (first === undefined) return silent("its output names no place")
    if (byGit.length === 0 && places.some(({ path }) => saved.some((each) => ofOnePiece(each, path))))
      return silent("it fails where files were just saved, or in their own tests")
    const since = byGit.length > 0 ? gitWord(byGit) : `${listed(saved)} was saved`
    const narrow = only !== null && durationMs >= longMs
    return propose(elsewhere, situation, {
      title: `${first.path}:${first.line} fails since ${since}`,
      why: [
        {
          text: `\`${command}\` failed with exit ${exit}${tests.length === 0 ? "" : `: ${listed(tests)}`}`,
          seq: failed,
        },
        ...(first.message === ""
          ? []
          : [{ text: `${first.path}:${first.line}: ${first.message}`, seq: failed }]),
        ...changes.slice(0, maxSaved).map(({ by, paths, seq }) => ({
          text: by === "git" ? `git changed ${listed(paths)}` : `${listed(paths)} saved`,
          seq,
        })),
        { text: `\`${command}\` had passed before`, seq: passed },
      ],
      same: [command, cwd, tests.length > 0 ? tests : [...new Set(places.map(({ path }) => path))]],
      mode: narrow ? "draft" : "notify",
      actions: narrow ? [bash(only, cwd)] : [],
      expiresWhen: ["git:switch", `passed:${command}`, recheck("check.failed", situation.subject)],
      ttlMs: 60 * 60_000,
    })
  },
}

export const flakyTest: Reflex = {
  name: flaky,
  situations: ["check.flaky"],
  applies: (situation) => isSituation(situation, "check.flaky"),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "check.flaky")) return silent("no test ended in two ways")
    const { command, cwd, failed, passed, tests } = situation.data
    return propose(flaky, situation, {
      title: `Flaky: ${tests.length === 0 ? `\`${command}\`` : listed(tests)} failed and passed on the same files`,
      why: [
        { text: `\`${command}\` failed`, seq: failed },
        { text: `\`${command}\` passed; no file was saved and git moved nothing between`, seq: passed },
      ],
      same: [command, cwd, tests],
      mode: "digest",
      ttlMs: 24 * 60 * 60_000,
    })
  },
}
