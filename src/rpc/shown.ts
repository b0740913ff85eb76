/** What an approval says that the person saw. Pure. Invariant: made only from the detail that is on the screen. */
import type { Detail } from "./shapes.ts"

export interface Shown {
  /** Of the exact actions, in order. */
  readonly digests: ReadonlyArray<string>
  /** Of what each would do, and of the files that rests on. */
  readonly plans: ReadonlyArray<string>
  /** It was said that no sandbox would hold them. */
  readonly unsandboxed: boolean
}

export const nothingShown: Shown = { digests: [], plans: [], unsandboxed: false }

/** What could not be planned has no digest, and no approval of it is taken. */
export const shownIn = ({ plans }: Detail): Shown => ({
  digests: plans.map((plan) => plan.verdict.digest),
  plans: plans.map((plan) => plan.digest ?? ""),
  unsandboxed: plans.some((plan) => plan.sandbox === "none"),
})
