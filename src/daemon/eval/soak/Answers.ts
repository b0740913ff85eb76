/**
 * How the made user takes what he is shown: keeps it with a click or by his own hand, refuses it, or lets it lie,
 * by a taste that Claw does not know (`Preferences.ts`). What he agreed to is done, and seen to be done.
 */
import { draft, type Event, type EventType, type PayloadOf } from "../../../domain/event.ts"
import type { Proposal } from "../../../domain/suggestion.ts"
import type { Machine } from "../Machine.ts"
import type { Random } from "../random.ts"
import type { Person } from "./Person.ts"
import type { Preferences } from "./Preferences.ts"
import type { Project } from "./Project.ts"

interface Waiting {
  readonly proposal: Proposal
  readonly workspace: string | null
}

/** It is gone with the next command, or with the commit. */
const passing = ({ expiresWhen }: Proposal): boolean =>
  expiresWhen.some((key) => key.startsWith("session:") || key === "index:empty")

export class Answers {
  readonly #machine: Machine
  readonly #random: Random
  readonly #person: Person
  readonly #projects: ReadonlyArray<Project>
  readonly #preferences: Preferences
  readonly #waiting = new Map<string, Waiting>()

  constructor(
    machine: Machine,
    random: Random,
    person: Person,
    projects: ReadonlyArray<Project>,
    preferences: Preferences,
  ) {
    this.#machine = machine
    this.#random = random
    this.#person = person
    this.#projects = projects
    this.#preferences = preferences
  }

  heard(event: Event): void {
    if ("proposal" in event.payload) {
      const { proposal, suggestion } = event.payload
      this.#waiting.set(suggestion, { proposal, workspace: event.workspace })
    } else if (event.type === "decision.expired") this.#waiting.delete(event.payload.suggestion)
    else if (event.type === "decision.shown") this.#look(event.payload.suggestion, event.payload.boundary)
  }

  #look(suggestion: string, boundary: string | null): void {
    const waiting = this.#waiting.get(suggestion)
    if (waiting === undefined) return
    const { proposal, workspace } = waiting
    const moment = boundary ?? "at once"
    const keeps = this.#preferences.keeps({ rule: proposal.rule, workspace, moment, urgent: proposal.urgent })
    const wanted = this.#random.chance(keeps)
    const how = this.#random.share()
    const answer =
      wanted && how < 0.75
        ? () => this.#approve(suggestion)
        : wanted
          ? () => this.#byHand(suggestion)
          : how < 0.6
            ? () => this.#reject(suggestion)
            : null
    if (answer === null) return
    // what speaks of the command just run or of what is about to be committed is answered before going on
    if (proposal.urgent || passing(proposal)) this.#person.next(answer)
    else this.#machine.after(this.#random.between(3_000, 120_000), answer)
  }

  #answer<T extends EventType>(suggestion: string, type: T, payload: PayloadOf<T>): Promise<void> {
    const workspace = this.#waiting.get(suggestion)?.workspace ?? null
    return this.#machine.put(
      draft(type, payload, { actor: "user:cli", workspace, correlationId: suggestion }),
    )
  }

  async #reject(suggestion: string): Promise<void> {
    if (!this.#waiting.has(suggestion)) return
    await this.#answer(suggestion, "approval.rejected", { suggestion, reason: "", surface: "cli" })
    this.#waiting.delete(suggestion)
  }

  async #approve(suggestion: string): Promise<void> {
    const waiting = this.#waiting.get(suggestion)
    if (waiting === undefined) return
    await this.#answer(suggestion, "approval.approved", {
      suggestion,
      digests: [],
      unsandboxed: false,
      surface: "cli",
    })
    for (const index of waiting.proposal.actions.keys())
      await this.#answer(suggestion, "tool.finished", {
        suggestion,
        call: `${suggestion}#${index}`,
        ok: true,
        exit: 0,
        output: { head: "", tail: "", bytes: 0, blob: null },
        durationMs: 400,
        after: [],
        refs: {},
      })
    this.#waiting.delete(suggestion)
    this.#done(waiting)
  }

  /** The same end without a click; where there is no line to type, with one after all. */
  async #byHand(suggestion: string): Promise<void> {
    const waiting = this.#waiting.get(suggestion)
    if (waiting === undefined) return
    const [call] = waiting.proposal.actions
    const project = this.#projectOf(waiting.workspace)
    const line = call?.input["command"]
    if (project === undefined || waiting.proposal.actions.length !== 1 || typeof line !== "string")
      return this.#approve(suggestion)
    this.#done(waiting)
    await this.#person.run(line, { durationMs: 2_000 }, project)
  }

  #projectOf(workspace: string | null): Project | undefined {
    return this.#projects.find(({ path }) => path === workspace)
  }

  #done({ proposal, workspace }: Waiting): void {
    const project = this.#projectOf(workspace)
    if (project === undefined) return
    if (proposal.rule.startsWith("dependencies-")) project.installed = project.locked
    if (proposal.rule === "work-uncommitted") project.dirty.clear()
    if (proposal.rule.endsWith("-staged")) project.staged = []
    if (proposal.rule === "branch-behind-upstream" || proposal.rule === "git-push-failed") project.behind = 0
  }
}
