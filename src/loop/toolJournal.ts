/** The tools' way into the log: the one appender. */
import { Effect, Layer } from "effect"
import { Journal } from "../act/Journal.ts"
import { Appender } from "./Appender.ts"

export const toolJournal: Layer.Layer<Journal, never, Appender> = Layer.effect(
  Journal,
  Effect.map(Appender, ({ append }) => Journal.of({ append })),
)
