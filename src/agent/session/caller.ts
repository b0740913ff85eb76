/** Who the calls of a conversation are by. Pure. */
import type { Transcript } from "./transcript.ts"

/**
 * What rules call their actor: never the person who talks, because a model wrote them; so neither a person's freedom to
 * repeat nor a person's word is ever a model's.
 */
export const callerOf = ({ actor }: Pick<Transcript, "actor">): string =>
  actor.startsWith("user:") ? "agent" : actor
