/**
 * Runs the attempts to break out, in throw-away places of the sandbox's own folder: a few before the first command,
 * all of them for `claw sandbox test`. Each group is one effect, so that its lines can be shown as they come.
 */
import { Effect } from "effect"
import { attempt } from "./attempt.ts"
import type { ProcessResult } from "./runProcess.ts"
import { attacks, type Attack } from "./sandboxProbes/attacks.ts"
import { limitProbes, type LimitProbe } from "./sandboxProbes/limits.ts"
import { probePlace, type ProbePlace } from "./sandboxProbes/place.ts"
import { attackCommand, broken, judgeAttacks, type EscapeTest } from "./sandboxSelfTest.ts"
import type { SandboxRun } from "./sandboxRun.ts"
import type { ToolError } from "./Tool.ts"

export interface ProbeGroup {
  readonly name: string
  readonly run: Effect.Effect<ReadonlyArray<EscapeTest>>
}

/** The daemon's first command waits no longer for the attempts before it. */
const startMs = 10_000

type Run = (
  command: SandboxRun,
  home: string,
  hidden: ReadonlyArray<string>,
) => Effect.Effect<ProcessResult, ToolError>

export const sandboxEscapes = (options: {
  /** Null where bubblewrap is not installed. */
  readonly program: string | null
  readonly own: string
  readonly hidden: ReadonlyArray<string>
  readonly run: Run
}): { readonly selfTest: ProbeGroup["run"]; readonly probes: ReadonlyArray<ProbeGroup> } => {
  const inPlace = (
    name: string,
    body: (
      place: ProbePlace,
      run: (command: SandboxRun) => Effect.Effect<ProcessResult, ToolError>,
    ) => Effect.Effect<ReadonlyArray<EscapeTest>, ToolError>,
  ): ProbeGroup["run"] =>
    options.program === null
      ? Effect.succeed([broken("bubblewrap", "is not installed")])
      : Effect.gen(function* () {
          const place = yield* Effect.acquireRelease(
            attempt("prepare the attempt", () => probePlace(options.own)),
            ({ close }) => Effect.promise(close),
          )
          return yield* body(place, (command) =>
            options.run(command, place.home, [...options.hidden, place.hidden]),
          )
        }).pipe(
          Effect.scoped,
          Effect.catch((error) => Effect.succeed([broken(name, error.message)])),
        )

  const attack = (
    name: string,
    list: ReadonlyArray<Attack>,
    network: boolean,
    timeoutMs?: number,
  ): ProbeGroup["run"] =>
    inPlace(name, (place, run) =>
      Effect.flatMap(run(attackCommand(place, list, network, timeoutMs)), (result) =>
        attempt("judge it", () => judgeAttacks(place, list, result)),
      ),
    )

  const limited = (probe: LimitProbe): ProbeGroup["run"] =>
    inPlace(probe.name, (place, run) =>
      Effect.gen(function* () {
        const result = yield* run({
          ...attackCommand(place, [], false),
          argv: ["/bin/sh", "-c", probe.shell],
          timeoutMs: probe.timeoutMs,
          limits: probe.limits,
        })
        return [yield* attempt("judge it", async () => probe.judge(result, place.workspace))]
      }),
    )

  const withNetwork = attacks.filter((one) => one.withNetwork === true)
  return {
    selfTest: attack(
      "start",
      attacks.filter((one) => one.atStart === true),
      false,
      startMs,
    ),
    probes: [
      { name: "escapes", run: attack("escapes", attacks, false) },
      { name: "escapes with network", run: attack("escapes with network", withNetwork, true) },
      ...limitProbes().map((probe) => ({ name: "limits", run: limited(probe) })),
    ],
  }
}
