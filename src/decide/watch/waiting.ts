/**
 * A program that waits for an answer while the user is elsewhere -> `command.waiting`. Elsewhere: something was done since
 * it began to wait, and not in its shell, where nothing can be done meanwhile.
 */
import type { Event, EventOf } from "../../domain/event.ts"
import { keepLast, limits, type MachineState, type Waiting, type WorkspaceMemory } from "../state.ts"
import { type Candidate, candidate, type Watched } from "./found.ts"

/** The last keys before it asked may be seen a moment after. */
const lateMs = 5_000

const found = (waiting: Waiting, workspace: string, evidence: ReadonlyArray<number>): Candidate =>
  candidate(
    "command.waiting",
    workspace,
    { id: waiting.id, trust: waiting.trust },
    {
      subject: `${waiting.session} ${waiting.pid}`,
      evidence,
      data: {
        program: waiting.program,
        cwd: waiting.cwd,
        session: waiting.session,
        pid: waiting.pid,
        waited: waiting.seq,
        waitedMs: waiting.waitedMs,
      },
    },
  )

export const watchWaiting = (
  memory: WorkspaceMemory,
  event: EventOf<"terminal.waiting">,
  workspace: string,
  { attention, nowMs }: Pick<MachineState, "attention" | "nowMs">,
): Watched => {
  const { cwd, pid, program, session, waitedMs } = event.payload
  const waiting: Waiting = {
    seq: event.seq,
    id: event.id,
    trust: event.trust,
    session,
    pid,
    program,
    cwd,
    waitedMs,
  }
  const last = attention.lastActivityMs
  if (last !== null && last > nowMs - waitedMs + lateMs)
    return { memory, found: [found(waiting, workspace, [event.seq])] }
  const others = memory.waiting.filter((each) => each.session !== session)
  return { memory: { ...memory, waiting: keepLast([...others, waiting], limits.waiting) }, found: [] }
}

/** This event shows the user at work: in its shell, where it has ended then, or elsewhere. */
export const openElsewhere = (
  memory: WorkspaceMemory,
  workspace: string,
  event: Event,
  { attention, nowMs }: Pick<MachineState, "attention" | "nowMs">,
): Watched => {
  const session = event.type === "terminal.command" ? event.payload.session : null
  const still = memory.waiting.filter((each) => each.session !== session)
  const here = attention.lastActivityMs === nowMs
  return {
    memory: { ...memory, waiting: here ? [] : still },
    found: here ? still.map((waiting) => found(waiting, workspace, [waiting.seq, event.seq])) : [],
  }
}
