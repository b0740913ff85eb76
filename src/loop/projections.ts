/**
 * Everything that is folded from the log, by the name its state goes by in a snapshot. A new projection is one more
 * line here: it is then folded live, checkpointed, rebuilt and held to test/conformance/projection.ts.
 * Invariant: a changed state or meaning raises the projection's version, which drops its checkpoints.
 */
import { deciderProjection } from "../decide/step.ts"
import { agentsProjection } from "../domain/agents.ts"
import { boardsProjection } from "../domain/board.ts"
import { standingHitsProjection } from "../domain/compromised/standing.ts"
import { costsProjection } from "../domain/costs.ts"
import { grantsProjection } from "../domain/grants.ts"
import { memoriesProjection } from "../domain/memories.ts"
import { queueProjection } from "../domain/queue.ts"
import { repeatsProjection } from "../domain/repeats.ts"
import { ruleStatisticsProjection } from "../domain/ruleStatistics.ts"
import { sessionsProjection } from "../domain/sessions.ts"
import { taintProjection } from "../domain/taint.ts"
import { tasksProjection } from "../domain/tasks.ts"
import { todosProjection } from "../domain/todos.ts"
import { positionsProjection } from "../observe/positions.ts"
import { controlProjection } from "./control.ts"

export const projections = {
  decider: deciderProjection,
  queue: queueProjection,
  positions: positionsProjection,
  control: controlProjection,
  rules: ruleStatisticsProjection,
  grants: grantsProjection,
  repeats: repeatsProjection,
  standingHits: standingHitsProjection,
  taint: taintProjection,
  tasks: tasksProjection,
  todos: todosProjection,
  costs: costsProjection,
  sessions: sessionsProjection,
  memories: memoriesProjection,
  agents: agentsProjection,
  boards: boardsProjection,
} as const

/** What is shown of a past moment: of these, checkpoints of the past are kept. */
export const viewed = {
  queue: projections.queue,
  control: projections.control,
  grants: projections.grants,
} as const
