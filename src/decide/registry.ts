/** Every rule that ships, in the order their decisions are logged. */
import type { Reflex } from "./Decider.ts"

export const reflexes: ReadonlyArray<Reflex> = []
