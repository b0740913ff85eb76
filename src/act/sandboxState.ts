/**
 * Whether commands can be confined here, in words for status, doctor and approvals, and what follows from it.
 * Invariant: without a sandbox no command runs that a person was not asked about, whatever the gate or a grant says.
 */
import type { Verdict } from "../domain/action.ts"

export type SandboxState =
  | { readonly _tag: "available"; readonly seccomp: boolean; readonly limits: boolean }
  | { readonly _tag: "unavailable"; readonly reason: string }

export const sandboxLine = (state: SandboxState): string =>
  state._tag === "unavailable"
    ? `none (${state.reason}); commands run only after an approval that says so`
    : `bubblewrap, held at its self-test; network only through the proxy; limits on ${[
        ...(state.limits ? ["cpu time, file size"] : []),
        "processes, memory, disk",
      ].join(", ")}${state.seccomp ? "" : "; no system-call filter for this processor"}`

/** Whether a call that was judged harmless may start without a person, as far as the sandbox goes. */
export const mayRunUnasked = (state: SandboxState, verdict: Pick<Verdict, "commands" | "effects">): boolean =>
  state._tag === "available" ||
  (verdict.commands.length === 0 && !verdict.effects.some((effect) => effect._tag === "exec"))
