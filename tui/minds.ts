/**
 * Conversations and agents as the screen lists them: which work, what each waits for, who is under whom. Pure.
 * Invariants: what works, or has something at work below it, comes first; an agent stands right below its parent, and
 * alone where that is not listed; one that ended is listed with the few newest.
 */
import type { AgentView } from "../src/rpc/agents.ts"
import type { MemoryView } from "../src/rpc/memories.ts"
import type { OpenRequest, SessionView } from "../src/rpc/sessions.ts"
import type { Model, TextField } from "./model.ts"

export interface Conversation {
  readonly view: SessionView
  readonly open: ReadonlyArray<OpenRequest>
}

export interface Minds {
  readonly conversations: ReadonlyArray<Conversation>
  readonly agents: ReadonlyArray<AgentView>
  /** Memories that wait for a yes or no. */
  readonly inbox: ReadonlyArray<MemoryView>
}

export interface MindRow {
  /** Of its session. */
  readonly id: string
  readonly agent: boolean
  readonly depth: number
  readonly title: string
  readonly works: boolean
  readonly state: string
  /** Titles, or else ids, of what a person has to answer first. */
  readonly waits: ReadonlyArray<string>
  readonly spent: SessionView["spent"]
}

export interface AgentsDialog {
  readonly _tag: "agents"
  readonly selected: string | null
  /** Where the cursor was, for when its row goes. */
  readonly index: number
}

/** Its last words and open requests; `up`: lines scrolled back from the end. */
export interface TalkDialog {
  readonly _tag: "talk"
  readonly row: MindRow
  readonly up: number
  readonly back: AgentsDialog
}

export interface WordDialog {
  readonly _tag: "word"
  readonly row: MindRow
  readonly field: TextField
  readonly back: AgentsDialog | TalkDialog
}

export interface StopDialog {
  readonly _tag: "stop"
  readonly row: MindRow
  readonly back: AgentsDialog | TalkDialog
  readonly openedAt: number
}

export type MindDialog = AgentsDialog | TalkDialog | WordDialog | StopDialog

/** Of each kind that is at rest. */
const shownEnded = 50

const live: ReadonlySet<string> = new Set(["queued", "running", "waiting"])
const works = ({ state }: AgentView): boolean => live.has(state)

export const working = ({ agents, conversations }: Minds): number =>
  conversations.filter(({ view }) => view.state === "working").length + agents.filter(works).length

/** All that works, and the newest of the rest. */
const few = <A>(all: ReadonlyArray<A>, busy: (one: A) => boolean): ReadonlyArray<A> => [
  ...all.filter(busy),
  ...all.filter((one) => !busy(one)).slice(0, shownEnded),
]

export const mindRows = (model: Pick<Model, "minds" | "visible">): ReadonlyArray<MindRow> => {
  if (model.minds === null) return []
  const titles = new Map((model.visible ?? []).map(({ id, title }) => [id, title]))
  const agents = few(model.minds.agents, works)
  const below = Map.groupBy(agents, ({ session }) => session)
  const known = new Set<string>()

  const agentRow = (view: AgentView, depth: number): MindRow => ({
    id: view.agent,
    agent: true,
    depth,
    title: `${view.type}: ${view.title}`,
    works: works(view),
    state: view.state,
    waits: view.on.map((id) => titles.get(id) ?? id),
    spent: view.spent,
  })
  const under = (id: string, depth: number): ReadonlyArray<MindRow> =>
    (below.get(id) ?? []).flatMap((view) => {
      if (known.has(view.agent)) return []
      known.add(view.agent)
      return [agentRow(view, depth), ...under(view.agent, depth + 1)]
    })
  const groups = model.minds.conversations.map(({ open, view }): ReadonlyArray<MindRow> => {
    known.add(view.session)
    const row: MindRow = {
      id: view.session,
      agent: false,
      depth: 0,
      title: view.title === "" ? view.kind : view.title,
      works: view.state === "working",
      state: view.state === "resting" ? (view.rested ?? "resting") : view.state,
      waits: open.filter(({ state }) => state === "asks").map(({ title }) => title),
      spent: view.spent,
    }
    return [row, ...under(view.session, 1)]
  })
  const listed = new Set(agents.map(({ agent }) => agent))
  const alone = agents
    .filter(({ agent, session }) => !known.has(agent) && !listed.has(session))
    .map((view): ReadonlyArray<MindRow> => {
      known.add(view.agent)
      return [agentRow(view, 0), ...under(view.agent, 1)]
    })
  return few([...groups, ...alone], (group) => group.some((row) => row.works)).flat()
}

/** Where the cursor is by now: on the same one, else where that was. */
export const mindIndex = (rows: ReadonlyArray<MindRow>, dialog: AgentsDialog): number => {
  const same = rows.findIndex(({ id }) => id === dialog.selected)
  return same >= 0 ? same : Math.max(0, Math.min(dialog.index, rows.length - 1))
}

/** The one that the open dialog is about, as it is now. */
export const mindOf = (model: Model): MindRow | null => {
  const { dialog } = model
  const rows = mindRows(model)
  switch (dialog?._tag) {
    case "agents":
      return rows[mindIndex(rows, dialog)] ?? null
    case "talk":
    case "word":
    case "stop":
      return rows.find(({ id }) => id === dialog.row.id) ?? dialog.row
    default:
      return null
  }
}

export const sayReason = (model: Model): string | null => {
  const row = mindOf(model)
  return row === null ? "there is none" : row.agent && !row.works ? `it ended: ${row.state}` : null
}

export const stopReason = (model: Model): string | null => {
  const row = mindOf(model)
  return row === null ? "there is none" : row.works ? null : "it does not work now"
}
