/**
 * Runs what the decider left in its outbox: appends decisions in order, answers probes, has actions judged,
 * wakes attention. A command leaves the outbox only when the log shows it done, so a crash between loses nothing.
 * Invariants: one command is under way at most once in this process (`running`), by its key; a defect in one is said
 * and tried again, ever more seldom, and holds up no other.
 */
import { Cause, Clock, Context, Effect, Fiber, FiberMap, Layer, Queue, Schedule, Stream } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import type { Command } from "../decide/Decider.ts"
import { draft, type EventDraft } from "../domain/event.ts"
import { Probes } from "../observe/probes/answer.ts"
import { Appender } from "./Appender.ts"
import { Folds } from "./Folds.ts"
import { Judge } from "./Judge.ts"
import { latest } from "./latest.ts"
import { redactFact } from "./redact.ts"
import { Waiver } from "./Waiver.ts"

/** A machine that slept, or whose clock was set, is noticed within this time. */
const napMs = 15_000

const again = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("5 minutes")])

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
      const waiver = yield* Waiver
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
        // by the clock on the wall, and never later than was meant to be waited
        let left = command.atMs - (yield* Clock.currentTimeMillis)
        while (left > 0) {
          const nap = Math.min(left, napMs)
          yield* Effect.sleep(nap)
          left = Math.min(left - nap, command.atMs - (yield* Clock.currentTimeMillis))
        }
        yield* appender.append([draft("decision.tick", { dueMs: command.atMs }, { actor: "attention" })])
      })

      /** What asks others: their defects are theirs, and the command waits for them to be mended. */
      const untilDone = (what: string, workspace: string | null, command: Effect.Effect<void>) => {
        const say = (state: "failed" | "running", detail: string) =>
          appender.append([
            draft(
              "daemon.health",
              { component: `loop:${what}`, state, backend: null, detail },
              { actor: "daemon", workspace },
            ),
          ])
        return Effect.suspend(() => {
          let failed = false
          return command.pipe(
            Effect.catchCause((cause) => {
              if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
              const reason = Cause.pretty(cause).split("\n")[0] ?? "unknown"
              const told = failed ? Effect.void : say("failed", `${reason}; it is tried again`)
              failed = true
              return Effect.andThen(told, Effect.fail(reason))
            }),
            Effect.retry(again),
            Effect.andThen(Effect.suspend(() => (failed ? say("running", "it went through") : Effect.void))),
            Effect.orDie,
          )
        })
      }

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
              yield* FiberMap.run(work, command.key, untilDone("probe", command.workspace, probe(command)))
              break
            case "judge":
              yield* FiberMap.run(
                work,
                command.key,
                untilDone(
                  "judge",
                  null,
                  Effect.andThen(judge.suggestion(command.suggestion), waiver.suggestion(command.suggestion)),
                ),
              )
              break
            case "wake":
              yield* FiberMap.run(alarms, command.key, wake(command))
              break
          }
        }
      })

      const run = Effect.scoped(
        Effect.gen(function* () {
          const writer = yield* Effect.forkScoped(appendWaiting)
          const following = latest(folds.snapshot).pipe(
            Stream.map(({ decider }) => decider.outbox),
            Stream.changesWith((before, after) => before === after),
            Stream.runForEach(dispatch),
            Effect.andThen(Effect.never),
          )
          // either ending is a defect of both
          return yield* Effect.raceFirst(following, Fiber.join(writer))
        }),
      )

      return Outbox.of({ run })
    }),
  )
}
