/** From a judged action to what its tool may touch: the sandbox opens exactly what the approved effects say. Pure. */
import type { ToolContext } from "../act/Tool.ts"
import type { Trust, Verdict } from "../domain/action.ts"

export const toolContext = (
  verdict: Verdict,
  action: { readonly cwd?: string },
  options: {
    readonly call: string
    readonly session: string | null
    readonly actor: string
    readonly trust: Trust
    readonly workspace: string
    readonly home: string
    /** Folders elsewhere that a command sees. */
    readonly beside?: ReadonlyArray<string>
    readonly timeoutMs: number
    readonly unsandboxed: boolean
  },
): ToolContext => {
  const paths = verdict.effects.flatMap((effect) =>
    effect._tag === "write" || effect._tag === "delete" ? [effect.path] : [],
  )
  // a person answers it now, or did so once and for all
  const answered = verdict.verdict === "ask" || verdict.standing === true
  // a program the table does not know may write anywhere in the workspace: that is what was answered
  const unknownProgram = answered && verdict.effects.some((effect) => effect._tag === "exec")
  const hosts = verdict.effects.flatMap((effect) => (effect._tag === "net" ? [effect.host] : []))
  return {
    call: options.call,
    session: options.session,
    actor: options.actor,
    trust: options.trust,
    workspace: options.workspace,
    cwd: action.cwd ?? options.workspace,
    home: options.home,
    ...(options.beside === undefined ? {} : { beside: options.beside }),
    commands: verdict.commands,
    permits: {
      write: unknownProgram ? [options.workspace] : paths,
      network: hosts.length > 0,
      hosts: hosts.includes("*") ? [] : [...new Set(hosts)],
      shell: answered,
      unsandboxed: options.unsandboxed,
    },
    timeoutMs: options.timeoutMs,
  }
}
