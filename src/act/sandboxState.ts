/** Whether commands can be confined here, and the line that says so in status and doctor. */
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
