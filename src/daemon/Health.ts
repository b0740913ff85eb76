/** What only the running daemon can check: sandbox, gate, credentials, sources, disk, hooks. Each with its cure. */
import { Clock, Context, Effect, Layer } from "effect"
import { LogStore } from "../../log-store/LogStore.ts"
import { Policies } from "../../policies/Policies.ts"
import { Embeddings, type EmbeddingsStatus } from "../agent/memory/Embeddings.ts"
import { Sandbox } from "../act/Sandbox.ts"
import { sandboxLine } from "../act/sandboxState.ts"
import type { DirectoriesShape, Environment } from "../config/Directories.ts"
import type { ModelSettings } from "../config/modelSettings.ts"
import { hooksStatus } from "../observe/terminal/hooksStatus.ts"
import { meansInUse } from "../observe/terminal/output/meansInUse.ts"
import { shells } from "../observe/terminal/spoolFormat.ts"
import type { Check, HookRow } from "../rpc/shapes.ts"
import { Models } from "../model/Models.ts"
import { Anchoring } from "./Anchoring.ts"
import { Checkpoints } from "./Checkpoints.ts"
import { Configs } from "./Configs.ts"
import { CredentialWatch } from "./CredentialWatch.ts"
import { hookFile } from "./hooks.ts"
import { proofChecks } from "./proofChecks.ts"
import { Reporter } from "./Reporter.ts"

const check = (name: string, ok: boolean, detail: string, cure: string | null): Check => ({
  v: 1,
  name,
  ok,
  detail,
  cure,
})

const settingsCheck = (troubles: ReadonlyArray<string>): Check =>
  troubles.length === 0
    ? check("settings", true, "what is written is in force", null)
    : check(
        "settings",
        false,
        troubles.map((trouble) => trouble.replace(/^settings: /, "")).join("; "),
        "mend what it names (claw config edit, claw reflex check), or claw trust it",
      )

/** Everything but thinking works without one, so none is a note and no fault. */
const modelCheck = ({ default: chosen }: ModelSettings, available: boolean): Check =>
  chosen === undefined
    ? {
        ...check(
          "model",
          true,
          "none is chosen: nothing thinks, and a key in the environment alone chooses none",
          'claw model list shows what there is; claw config edit: models: { default: "anthropic/claude-sonnet-5-5" }',
        ),
        note: true,
      }
    : check(
        "model",
        available,
        available ? `${chosen} is used by default` : `${chosen} cannot be used`,
        available ? null : "claw model list says why",
      )

/** Off is how it comes, and words alone are no fault. */
const embeddingsCheck = ({ model, problem }: EmbeddingsStatus): Check => {
  if (model === null)
    return check("memory search", true, "by words alone; memory.embeddings names no model for more", null)
  const detail = `by words, and in conversations by what ${model} says they mean`
  return check(
    "memory search",
    problem === null,
    problem === null ? detail : `by words alone for now: ${problem}`,
    problem === null ? null : 'mend what it says, or claw config edit: memory: { embeddings: "off" }',
  )
}

const howSeen: Readonly<Record<string, string>> = { none: "not at all", shell: "claw shell" }

/** Off is how it comes, and no fault; on, somewhere it may be impossible. */
const outputCheck = (on: boolean, spool: string): Check => {
  if (!on) {
    return {
      ...check(
        "terminal output",
        true,
        "off: commands and exit codes are seen, what they print is not",
        "claw config edit: terminal: { output: true }, for what failed commands and checks print",
      ),
      note: true,
    }
  }
  const counts = Object.entries(meansInUse(spool))
  const text = counts.map(
    ([kind, count]) => `${count} shell${count === 1 ? "" : "s"}: ${howSeen[kind] ?? kind}`,
  )
  const blind = counts.some(([kind]) => kind === "none")
  return {
    ...check(
      "terminal output",
      true,
      text.length === 0 ? "on; no running shell has written yet" : `on; ${text.join(", ")}`,
      blind ? "work in tmux, kitty, wezterm or zellij, or start claw shell" : null,
    ),
    ...(blind ? { note: true } : {}),
  }
}

export class Health extends Context.Service<
  Health,
  {
    readonly checks: Effect.Effect<ReadonlyArray<Check>>
    readonly hooks: Effect.Effect<ReadonlyArray<HookRow>>
  }
>()("claw/daemon/Health") {
  static readonly layer = (directories: DirectoriesShape, env: Environment) =>
    Layer.effect(
      Health,
      Effect.gen(function* () {
        const sandbox = yield* Sandbox
        const policies = yield* Policies
        const reporter = yield* Reporter
        const store = yield* LogStore
        const checkpoints = yield* Checkpoints
        const anchoring = yield* Anchoring
        const credentials = yield* CredentialWatch
        const configs = yield* Configs
        const models = yield* Models
        const embeddings = yield* Embeddings

        const checks = Effect.gen(function* () {
          const box = yield* sandbox.state
          const { broken, rules } = yield* policies.ruleSet
          const status = yield* reporter.status
          const nowMs = yield* Clock.currentTimeMillis
          const own = yield* configs.settingsFor(null)
          const proofs = yield* proofChecks({ store, checkpoints, anchoring, nowMs })
          return [
            box._tag === "available"
              ? check("sandbox", true, sandboxLine(box), null)
              : check(
                  "sandbox",
                  false,
                  box.reason,
                  "install bubblewrap and allow user namespaces; claw sandbox test shows what does not hold; until then commands run only after an approval that says so",
                ),
            broken === null
              ? check("gate", true, `${rules.length} rules in force`, null)
              : check("gate", false, `everything is denied: ${broken}`, "mend the file it names"),
            ...proofs,
            settingsCheck(yield* configs.troubles),
            modelCheck(own.models, yield* models.available(null)),
            embeddingsCheck(yield* embeddings.status(null)),
            outputCheck(own.terminal.output, directories.spool),
            ...(yield* credentials.checks),
            ...status.sources.map((row) =>
              check(
                `${row.component}${row.workspace === null ? "" : ` of ${row.workspace}`}`,
                row.state === "running",
                `${row.state}${row.backend === null ? "" : ` (${row.backend})`}${row.detail === "" ? "" : `: ${row.detail}`}`,
                row.state === "running"
                  ? null
                  : "the detail says what is missing; claw log --type daemon.health shows since when",
              ),
            ),
          ]
        })

        const hooks = hooksStatus({
          home: directories.home,
          env,
          spoolDir: directories.spool,
          hookFiles: Object.fromEntries(shells.map((shell) => [shell, hookFile(directories, shell)])),
        })

        return Health.of({ checks, hooks })
      }),
    )
}
