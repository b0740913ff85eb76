/**
 * Anchors: where checkpoints are kept besides the log, so that a log that was cut off or written anew is found out. What
 * they have in common: a name, reading all notes, the newest one, and taking one more.
 * Invariant: an anchor only ever grows; what stands there and is no checkpoint of a log is left alone.
 */
import { Effect, Schema } from "effect"
import type { AnchorEvidence } from "../../log-store/merkle/evidence.ts"
import { type AnchorSetting, decodeAnchor } from "../config/Settings.ts"
import type { Environment } from "../config/Directories.ts"
import type { Anchor } from "./anchor.ts"
import { fileAnchor } from "./anchorsFile.ts"
import { gitAnchor } from "./anchorsGit.ts"

export class AnchorError extends Schema.TaggedError<AnchorError>()("AnchorError", {
  message: Schema.String,
}) {}

export const anchorOf = (setting: AnchorSetting, env: Environment): Anchor =>
  "file" in setting ? fileAnchor(setting.file) : gitAnchor(setting.git, setting.ref, env)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

export const attemptAnchor = <A>(run: () => Promise<A>): Effect.Effect<A, AnchorError> =>
  Effect.tryPromise({ try: run, catch: (error) => new AnchorError({ message: messageOf(error) }) })

/** All that an anchor says; that it cannot be read is part of it. */
export const evidenceOf = (anchor: Anchor, isAsked: boolean): Effect.Effect<AnchorEvidence> =>
  attemptAnchor(anchor.read).pipe(
    Effect.map((notes): AnchorEvidence => ({ to: anchor.to, notes, problem: null, isAsked })),
    Effect.catch(({ message }) =>
      Effect.succeed<AnchorEvidence>({ to: anchor.to, notes: [], problem: message, isAsked }),
    ),
  )

/** What the configured anchors say, and those somebody asks for besides. */
export const gatherEvidence = (
  configured: ReadonlyArray<AnchorSetting>,
  asked: ReadonlyArray<AnchorSetting>,
  env: Environment,
): Effect.Effect<ReadonlyArray<AnchorEvidence>> => {
  const all = new Map<string, readonly [Anchor, boolean]>()
  for (const setting of configured) {
    const anchor = anchorOf(setting, env)
    all.set(anchor.to, [anchor, false])
  }
  for (const setting of asked) {
    const anchor = anchorOf(setting, env)
    all.set(anchor.to, [anchor, true])
  }
  return Effect.forEach(all.values(), ([anchor, isAsked]) => evidenceOf(anchor, isAsked))
}

/** `FILE` or `REPOSITORY:refs/...`, both absolute; null where it is neither. */
export const parseAnchor = (text: string): AnchorSetting | null => {
  const at = text.lastIndexOf(":refs/")
  return decodeAnchor(at < 0 ? { file: text } : { git: text.slice(0, at), ref: text.slice(at + 1) })
}
