/** What the rules on git work are tested with: events of git, and answers of its probes. */
import type { Event, PayloadOf } from "../../../src/domain/event.ts"
import type { ProbeAnswers } from "../../../src/domain/probeAnswers.ts"
import { branch, Driver, run, startMs } from "../driver.ts"

export const sha = (letter: string): string => letter.repeat(40)
export const hourMs = 60 * 60_000
export const dayMs = 24 * hourMs

export const habits = (over: Partial<ProbeAnswers["gitHabits"]> = {}): ProbeAnswers["gitHabits"] => ({
  trunk: "main",
  onTrunk: 1,
  elsewhere: 20,
  detached: 1,
  trunkPushes: 0,
  merged: 0,
  of: 0,
  managed: false,
  ...over,
})

export const own = (letter: string, subject = "Add a cart", atMs = startMs) => ({
  sha: sha(letter),
  atMs,
  subject,
})

export const unpushedOf = (
  over: Partial<NonNullable<ProbeAnswers["gitUnpushed"]>> = {},
): NonNullable<ProbeAnswers["gitUnpushed"]> => ({
  branch: "main",
  remote: "origin",
  upstream: "origin/main",
  upstreamSha: sha("b"),
  commits: [own("c")],
  behind: 0,
  pushesMs: [startMs - hourMs, startMs - 5 * hourMs, startMs - 9 * hourMs],
  ...over,
})

export const onMain = (over: Partial<ProbeAnswers["gitBranch"]> = {}): ProbeAnswers["gitBranch"] =>
  branch({
    branch: "main",
    head: sha("c"),
    upstream: "origin/main",
    upstreamSha: sha("b"),
    ahead: 1,
    behind: 0,
    ...over,
  })

export const openOf = (
  over: Partial<NonNullable<ProbeAnswers["gitOpen"]>> = {},
): NonNullable<ProbeAnswers["gitOpen"]> => ({
  operation: "merge",
  sinceMs: startMs,
  branch: "feature",
  step: null,
  editing: false,
  unmerged: [],
  edited: [],
  more: false,
  ...over,
})

/** A commit, and the quiet behind it. */
export const committed = (
  driver: Driver,
  letter: string,
  more: Partial<PayloadOf<"git.commit">> = {},
): Event => {
  const event = driver.see("git.commit", {
    sha: sha(letter),
    parents: [sha("a")],
    branch: "main",
    subject: "Add a cart",
    files: ["src/cart.ts"],
    ...more,
  })
  driver.advance(3_500)
  return event
}

export const switched = (
  driver: Driver,
  from: string | null,
  to: string | null,
  more: Partial<PayloadOf<"git.checkout">> = {},
): Event =>
  driver.see("git.checkout", {
    from: sha("c"),
    to: sha("d"),
    fromBranch: from,
    branch: to,
    subject: "checkout",
    files: [],
    ...more,
  })

/** Time passes, and then the user is back with a command. */
export const back = (driver: Driver, ms: number): Event => {
  driver.advance(ms)
  return run(driver, "ls")
}

export const lastOutcome = (driver: Driver): string | null =>
  driver.of("decision.outcome").at(-1)?.payload.outcome ?? null
export const lastExpiry = (driver: Driver): string | null =>
  driver.of("decision.expired").at(-1)?.payload.reason ?? null
