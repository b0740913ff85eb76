/**
 * Runs what the decider left in its outbox: appends decisions in order, answers probes, has actions judged,
 * wakes attention. A command leaves the outbox only when the log shows it done, so a crash between loses nothing.
 * Invariant: one command is under way at most once in this process (`running`), by its key.
 */
import { Clock, Context, Effect, Fiber, FiberMap, Layer, PubSub, Queue, SubscriptionRef } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import type { Command } from "../decide/Decider.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import { Probes } from "../observe/probes/answer.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { redactFact } from "./redact.ts"

type Append = Extract<Command, { readonly _tag: "append" }>
type Probe = Extract<Command, { readonly _tag: "probe" }>
type Wake = Extract<Command, { readonly _tag: "wake" }>

export class Outbox extends Context.Service<
  Outbox,
  {
    /** Runs until interrupted. */
    readonly run: Effect.Effect<never>
  }
>()("claw/loop/Outbox") {
  static readonly layer = Layer.effect(
    Outbox,
    Effect.gen(function* () {
      const store = yield* LogStore
      const folds = yield* Folds
      const appender = yield* Appender
      const probes = yield* Probes
      const judge = yield* Judge
      const running = new Set<string>()
      const appends = yield* Queue.unbounded<Append>()
      const work = yield* FiberMap.make<string>()
      const alarms = yield* FiberMap.make<string>()

      /** Everything that waits goes out in one transaction, in the order the decider made it. */
      const appendWaiting = Effect.gen(function* () {
        const batch = yield* Queue.takeAll(appends)
        yield* appender.append(batch.map((command): EventDraft => command.draft))
      }).pipe(Effect.forever)

      const probe = Effect.fnUntraced(function* (command: Probe) {
        const opened = yield* store.get(command.situation).pipe(Effect.orDie)
        const facts = yield* probes.answer(command.requests, { workspace: command.workspace })
        yield* appender.append([
          draft(
            "situation.facts",
            { situation: command.situation, facts: facts.map(redactFact) },
            {
              actor: "probe",
              workspace: command.workspace,
              trust: "untrusted",
              causationId: opened?.id ?? null,
            },
          ),
        ])
      })

      const wake = Effect.fnUntraced(function* (command: Wake) {
        const now = yield* Clock.currentTimeMillis
        yield* Effect.sleep(Math.max(0, command.atMs - now))
        yield* appender.append([draft("decision.tick", { dueMs: command.atMs }, { actor: "attention" })])
      })

      const dispatch = Effect.fnUntraced(function* (outbox: ReadonlyArray<Command>) {
        const present = new Set(outbox.map((command) => command.key))
        for (const key of running) if (!present.has(key)) running.delete(key)
        const asleep = [...alarms].map(([key]) => key).filter((key) => !present.has(key))
        for (const key of asleep) yield* FiberMap.remove(alarms, key)
        for (const command of outbox) {
          if (running.has(command.key)) continue
          running.add(command.key)
          switch (command._tag) {
            case "append":
              yield* Queue.offer(appends, command)
              break
            case "probe":
              yield* FiberMap.run(work, command.key, probe(command))
              break
            case "judge":
              yield* FiberMap.run(work, command.key, judge.suggestion(command.suggestion))
              break
            case "wake":
              yield* FiberMap.run(alarms, command.key, wake(command))
              break
          }
        }
      })

      const run = Effect.scoped(
        Effect.gen(function* () {
          const changes = yield* PubSub.subscribe(folds.folded)
          const writer = yield* Effect.forkScoped(appendWaiting)
          yield* dispatch((yield* SubscriptionRef.get(folds.snapshot)).decider.outbox)
          const following = PubSub.takeAll(changes).pipe(
            Effect.flatMap(() => SubscriptionRef.get(folds.snapshot)),
            Effect.flatMap((snapshot) => dispatch(snapshot.decider.outbox)),
            Effect.forever,
          )
          // either ending is a defect of both
          return yield* Effect.raceFirst(following, Fiber.join(writer))
        }),
      )

      return Outbox.of({ run })
    }),
  )
}
