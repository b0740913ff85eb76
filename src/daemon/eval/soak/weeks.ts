/**
 * Made working weeks before the real machine with the shipped rules: five days each, from nine to six, one person with a
 * taste of his own, three repositories, an agent beside. Deterministic by seed.
 */
import { draft, type Event } from "../../../domain/event.ts"
import { Machine } from "../Machine.ts"
import { seeded } from "../random.ts"
import { Answers } from "./Answers.ts"
import { drawGap } from "./bursts.ts"
import { Ledger } from "./Ledger.ts"
import { Person } from "./Person.ts"
import { Preferences } from "./Preferences.ts"
import { kinds, Project } from "./Project.ts"

export interface WeeksOptions {
  readonly seed: number
  readonly days: number
  /** What the user's configuration says of attention; nothing: as shipped. */
  readonly attention?: Readonly<Record<string, unknown>>
  /** Hears every event of the log. */
  readonly onEvent?: (event: Event) => void
}

export interface Weeks {
  readonly ledger: Ledger
  readonly preferences: Preferences
  /** Between what the user did, nights left out. */
  readonly gaps: ReadonlyArray<number>
  readonly events: number
}

const home = "/home/dev"
const hourMs = 3_600_000
/** By the clock, breaks included. */
export const workingHours = 9
const dayMs = 24 * hourMs
/** A Monday. */
const firstMs = Date.parse("2026-03-02T00:00:00.000Z")
/** Nine in the morning of a working day, the first being 0. */
export const startOf = (day: number): number =>
  firstMs + (Math.floor(day / 5) * 7 + (day % 5)) * dayMs + 9 * hourMs

export const makeWeeks = async ({ attention, days, onEvent, seed }: WeeksOptions): Promise<Weeks> => {
  const random = seeded(seed)
  const preferences = new Preferences(seed)
  const projects = kinds.map((kind) => new Project(kind, home))
  const ledger = new Ledger()
  const gaps: Array<number> = []
  let events = 0
  const machine: Machine = new Machine({
    startMs: startOf(0) - 60_000,
    answer: (probe, workspace) => projects.find(({ path }) => path === workspace)?.answer(probe),
    onEvent: (event) => {
      events += 1
      ledger.take(event)
      answers.heard(event)
      onEvent?.(event)
    },
  })
  const person = new Person(machine, random, projects)
  const answers = new Answers(machine, seeded(seed + 7_919), person, projects, preferences)
  const looking = (state: "running" | "stopped"): Promise<void> =>
    machine.put(
      draft(
        "daemon.health",
        { component: "client:tui", state, backend: null, detail: "" },
        { actor: "daemon" },
      ),
    )

  if (attention !== undefined)
    await machine.put(
      draft(
        "daemon.config",
        { file: `${home}/.config/claw/claw.config.ts`, accepted: true, message: "", settings: { attention } },
        { actor: "daemon" },
      ),
    )
  for (const { path } of projects)
    await machine.put(
      draft("daemon.workspace", { action: "added", path }, { actor: "user", workspace: path }),
    )
  for (let day = 0; day < days; day += 1) {
    await machine.advanceTo(startOf(day))
    // on some days the TUI stands in a pane beside, on others it is looked at in the evening alone
    const beside = random.chance(0.5)
    if (beside) await looking("running")
    const endMs = startOf(day) + workingHours * hourMs
    for (;;) {
      const gap = drawGap(random)
      if (machine.nowMs + gap > endMs) break
      gaps.push(gap)
      await machine.advanceTo(machine.nowMs + gap)
      await person.step()
    }
    if (beside) await looking("stopped")
    await machine.put(draft("attention.asked", { surface: "cli" }, { actor: "user:cli" }))
  }
  await machine.advanceTo(startOf(days))
  return { ledger, preferences, gaps, events }
}
