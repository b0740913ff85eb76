/**
 * Looks now and then whether a program in the foreground of a hooked shell waits for an answer, and states it once.
 * Invariants: only in watched workspaces; secrets are redacted before a draft exists; nothing runs while no shell is open.
 */
import { Clock, Effect, Stream } from "effect"
import { readdirSync } from "node:fs"
import { draft } from "../../domain/event.ts"
import type { ObservationBatch } from "../Source.ts"
import { parseSpoolName, type SpoolName } from "./spoolFormat.ts"
import { WaitingPrograms } from "./waitingPrograms.ts"

export interface WaitingSourceOptions {
  readonly spoolDir: string
  readonly workspaceOf: (cwd: string, atMs: number) => string | null
  readonly redact: (text: string) => string
}

const lookInterval = "15 seconds"

const shellsOf = (spoolDir: string): ReadonlyArray<SpoolName> => {
  try {
    return readdirSync(spoolDir).flatMap((name) => parseSpoolName(name) ?? [])
  } catch {
    return []
  }
}

export const waitingBatches = (
  options: WaitingSourceOptions,
  actor: string,
): Stream.Stream<ObservationBatch> =>
  Stream.suspend(() => {
    const programs = new WaitingPrograms()
    const look = Effect.map(Clock.currentTimeMillis, (nowMs): ReadonlyArray<ObservationBatch> => {
      const drafts = programs.look(shellsOf(options.spoolDir), nowMs).flatMap((waits) => {
        const { cwd, pid, program, session, shell, waitedMs } = waits
        const workspace = options.workspaceOf(cwd, nowMs)
        return workspace === null
          ? []
          : [
              draft(
                "terminal.waiting",
                { session, shell, pid, program: options.redact(program), cwd, waitedMs },
                { actor, trust: "untrusted", workspace },
              ),
            ]
      })
      return drafts.length === 0 ? [] : [{ drafts, ack: Effect.void }]
    })
    return Stream.fromEffectRepeat(Effect.andThen(Effect.sleep(lookInterval), look)).pipe(
      Stream.flatMap((batches) => Stream.fromIterable(batches)),
    )
  })
