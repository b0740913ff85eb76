/**
 * What was said and done in one conversation: a pure fold of the events that correlate with it. Prompts, clients and
 * exports are views of it.
 * Invariants: entries are in seq order; what was rewound is out of it, what was compacted is still in it; an event whose
 * payload was erased leaves its place empty; a fold that goes on gives what a fold of everything gives.
 */
import type { Event } from "../../domain/event.ts"
import type {
  PromptSection,
  RestReason,
  SessionKind,
  SessionLimits,
  SessionResult,
  SummaryLine,
} from "../../domain/events/sessions.ts"
import type { AnswerPart, Effort, FinishReason, Usage } from "../../domain/modelRequest.ts"
import { trustOf } from "../../domain/taint.ts"
import type { Trust } from "../../domain/action.ts"
import { type Allowed, narrowed } from "../skills/skillTools.ts"

export interface AttachedFile {
  readonly path: string
  readonly bytes: number
  readonly mediaType: string
  /** Blob. */
  readonly hash: string
  readonly cut: boolean
}

interface At {
  readonly seq: number
  readonly id: string
  readonly at: string
}

export type Entry = At &
  (
    | {
        readonly _tag: "said"
        readonly text: string
        readonly actor: string
        readonly files: ReadonlyArray<AttachedFile>
      }
    | {
        readonly _tag: "answered"
        readonly call: string
        readonly served: string
        readonly parts: ReadonlyArray<AnswerPart>
        readonly finish: FinishReason
        readonly usage: Usage
        readonly usd: number | null
        /** Seq of the last event that stood in its prompt: what came between is heard by the next answer. */
        readonly heard: number
        /** When it was first asked. */
        readonly askedAt: string
      }
    | { readonly _tag: "results"; readonly call: string; readonly results: ReadonlyArray<SessionResult> }
    | { readonly _tag: "noted"; readonly kind: string; readonly text: string }
    | { readonly _tag: "stopped" }
    | { readonly _tag: "rested"; readonly reason: RestReason; readonly message: string }
  )
export type EntryOf<T extends Entry["_tag"]> = Extract<Entry, { readonly _tag: T }>

export interface Compacted {
  readonly seq: number
  readonly id: string
  readonly upTo: number
  readonly lines: ReadonlyArray<SummaryLine>
}

export interface Transcript {
  readonly session: string
  readonly kind: SessionKind
  readonly title: string
  readonly workspace: string
  readonly cwd: string
  readonly actor: string
  readonly model: string
  readonly effort: Effort
  readonly tools: ReadonlyArray<string> | null
  readonly limits: SessionLimits
  readonly format: Readonly<Record<string, unknown>> | null
  readonly parent: {
    readonly session: string
    readonly call: string
    readonly agent: string
    readonly depth: number
  } | null
  readonly fork: { readonly session: string; readonly seq: number } | null
  readonly situation: number | null
  readonly prepared: {
    readonly seq: number
    readonly sections: ReadonlyArray<PromptSection>
    readonly tools: string
    readonly deferred: ReadonlyArray<string>
  } | null
  readonly entries: ReadonlyArray<Entry>
  /** In force until the work rests: only what all that were taken up allow. */
  readonly skill: { readonly name: string; readonly tools: Allowed } | null
  /** The newest; what it stands for is left out of the prompt. */
  readonly compacted: Compacted | null
  readonly openedAt: string
  readonly trust: Trust
  /** Last event of it: what an append goes on from. */
  readonly lastSeq: number
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

interface Building extends Mutable<Omit<Transcript, "entries" | "compacted">> {
  readonly entries: Array<Entry>
  readonly compactions: Array<Compacted>
  attached: ReadonlyArray<AttachedFile>
}

const at = (event: Event): At => ({ seq: event.seq, id: event.id, at: event.at })

const begun = (event: Extract<Event, { type: "session.opened" }>, before: Transcript | null): Building => {
  const { cwd, effort, fork, format, kind, limits, model, parent, session, situation, title, tools } =
    event.payload
  return {
    session,
    kind,
    title,
    workspace: event.workspace ?? cwd,
    cwd,
    actor: event.actor,
    model,
    effort,
    tools,
    limits,
    format,
    parent,
    fork,
    situation,
    prepared: before?.prepared ?? null,
    entries: [...(before?.entries ?? [])],
    skill: null,
    compactions: before?.compacted == null ? [] : [before.compacted],
    openedAt: event.at,
    trust: trustOf([event.trust, before?.trust ?? "trusted"]),
    lastSeq: event.seq,
    attached: [],
  }
}

const rewound = (building: Building, to: number): void => {
  const first = building.entries.findIndex(({ seq }) => seq >= to)
  if (first >= 0) building.entries.length = first
  while ((building.compactions.at(-1)?.seq ?? 0) >= to) building.compactions.pop()
}

/** Seqs by id. What is asked for nearly always came shortly before, so most ids are never put into an index. */
class Seen {
  readonly #ids: Array<string> = []
  readonly #seqs: Array<number> = []
  readonly #index = new Map<string, number>()
  #indexed = 0

  add({ id, seq }: Event): void {
    this.#ids.push(id)
    this.#seqs.push(seq)
  }

  seqOf(id: string | null): number | undefined {
    if (id === null) return undefined
    const last = this.#ids.length - 1
    for (let at = last; at >= Math.max(0, last - shortly); at--)
      if (this.#ids[at] === id) return this.#seqs[at]
    for (; this.#indexed < this.#ids.length; this.#indexed++)
      this.#index.set(this.#ids[this.#indexed]!, this.#seqs[this.#indexed]!)
    return this.#index.get(id)
  }
}
/** Events back. */
const shortly = 32

export class TranscriptFold {
  #building: Building | null = null
  readonly #before: Transcript | null
  /** Events that an answer can follow from. */
  readonly #seen = new Seen()
  readonly #asked = new Map<string, { readonly heard: number; readonly at: string }>()
  /** The entries as they were given out last. */
  #given: ReadonlyArray<Entry> = []

  /** `before`: what a fork begins with. */
  constructor(before: Transcript | null = null) {
    this.#before = before
  }

  take(events: ReadonlyArray<Event>): void {
    for (const event of events) {
      this.#seen.add(event)
      if (this.#building !== null) this.#further(this.#building, event)
      else if (event.type === "session.opened" && (event.payload as unknown) !== null)
        this.#building = begun(event, this.#before)
    }
  }

  /**
   * As it is now; entries to which nothing came are the same array, for whoever looked at them before. Null: there is no
   * such conversation in the events so far, or its opening was erased.
   */
  get transcript(): Transcript | null {
    if (this.#building === null) return null
    const { attached: _, compactions, entries, ...rest } = this.#building
    // what is behind a rewind is made anew, so the same last one stands behind the same others
    if (this.#given.length !== entries.length || this.#given.at(-1) !== entries.at(-1))
      this.#given = [...entries]
    return { ...rest, entries: this.#given, compacted: compactions.at(-1) ?? null }
  }

  #further(building: Building, event: Event): void {
    building.lastSeq = event.seq
    if ((event.payload as unknown) === null) return
    building.trust = trustOf([building.trust, event.type.startsWith("session.") ? event.trust : "trusted"])
    switch (event.type) {
      case "model.requested": {
        const { call } = event.payload
        const heard = this.#seen.seqOf(event.causationId) ?? event.seq
        if (!this.#asked.has(call)) this.#asked.set(call, { heard, at: event.at })
        return
      }
      case "model.answered": {
        const { call, content, finish, served, usage, usd } = event.payload
        const asked = this.#asked.get(call) ?? { heard: event.seq, at: event.at }
        building.entries.push({
          _tag: "answered",
          ...at(event),
          call,
          served,
          parts: content,
          finish,
          usage,
          usd,
          heard: asked.heard,
          askedAt: asked.at,
        })
        return
      }
      default:
        take(building, event)
    }
  }
}

const take = (building: Building, event: Event): void => {
  switch (event.type) {
    case "session.prepared": {
      const { deferred, sections, tools } = event.payload
      building.prepared = { seq: event.seq, sections, tools, deferred }
      return
    }
    case "session.attached":
      building.attached = [...building.attached, ...event.payload.files]
      return
    case "session.said": {
      const files = building.attached
      building.attached = []
      building.entries.push({
        _tag: "said",
        ...at(event),
        text: event.payload.text,
        actor: event.actor,
        files,
      })
      return
    }
    case "session.results": {
      const { call, results } = event.payload
      building.entries.push({ _tag: "results", ...at(event), call, results })
      return
    }
    case "session.noted":
      building.entries.push({
        _tag: "noted",
        ...at(event),
        kind: event.payload.kind,
        text: event.payload.text,
      })
      return
    case "session.stopped":
      building.entries.push({ _tag: "stopped", ...at(event) })
      return
    case "session.skilled": {
      const { skill: name, tools } = event.payload
      building.skill = { name, tools: narrowed(building.skill?.tools ?? null, tools) }
      return
    }
    case "session.rested":
      building.skill = null
      building.entries.push({
        _tag: "rested",
        ...at(event),
        reason: event.payload.reason,
        message: event.payload.message,
      })
      return
    case "session.changed": {
      const { effort, format, limits, model, title, tools } = event.payload
      if (format !== undefined) building.format = format
      if (limits !== undefined) building.limits = { ...building.limits, ...limits }
      if (effort !== undefined) building.effort = effort
      if (model !== undefined) building.model = model
      if (title !== undefined) building.title = title
      if (tools !== undefined) building.tools = tools
      return
    }
    case "session.compacted": {
      const { lines, upTo } = event.payload
      building.compactions.push({ seq: event.seq, id: event.id, upTo, lines })
      return
    }
    case "session.rewound":
      rewound(building, event.payload.to)
      return
    default:
      return
  }
}

export const transcriptOf = (
  events: ReadonlyArray<Event>,
  before: Transcript | null = null,
): Transcript | null => {
  const fold = new TranscriptFold(before)
  fold.take(events)
  return fold.transcript
}
