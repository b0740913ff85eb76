/**
 * The graph of slash commands: every one there is, one line each, in the order of help. A command is in it once what it
 * stands on is there; nothing is listed that does nothing.
 */
import { agents } from "./agents.ts"
import { log, pause, permissions, policy, queue, replay, todo, why } from "./automation.ts"
import type { Command } from "./Command.ts"
import { config, doctor, exit, help, login, status, theme, version, vim } from "./core.ts"
import { memory, remember, skills, use } from "./memory.ts"
import { clear, compact, context, cost, effort, exported, model, resume, rewind, session } from "./session.ts"
import { commit, diff, init, pr, review, undo } from "./workspace.ts"

export const commands: ReadonlyArray<Command> = [
  help(() => commands),
  status,
  doctor,
  config,
  version,
  login,
  theme,
  vim,
  exit,
  init,
  undo,
  clear,
  resume,
  session,
  model,
  effort,
  compact,
  context,
  cost,
  exported,
  rewind,
  memory,
  remember,
  skills,
  use,
  agents,
  diff,
  commit,
  review,
  pr,
  queue,
  todo,
  permissions,
  policy,
  why,
  log,
  replay,
  pause,
]
