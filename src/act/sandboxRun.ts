/** A command as it is to run in the sandbox, and what it may take of the machine. */
import type { KernelLimits } from "./bwrapArguments.ts"
import type { Protection } from "./protectedPaths.ts"
import type { Listening } from "./runProcess.ts"
import type { WatchLimits } from "./sandboxWatch.ts"

export interface SandboxRun extends Listening {
  readonly argv: ReadonlyArray<string>
  readonly cwd: string
  /** Real path of the workspace: shown read-only. */
  readonly workspace: string
  /** Real folders elsewhere that are shown besides, read-only. */
  readonly beside?: ReadonlyArray<string>
  /** Real paths that may be written; one that does not exist opens the nearest folder above it. */
  readonly write: ReadonlyArray<string>
  readonly protection: Protection
  /** Through the proxy only. */
  readonly network: boolean
  /** Hosts it may reach (`*.suffix` for what is below one); none: any public one. */
  readonly hosts?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  /** What the command reads; nothing if absent. */
  readonly stdin?: string
  readonly timeoutMs: number
  readonly limits?: Partial<Limits>
}

export type Limits = KernelLimits & Omit<WatchLimits, "tasks">

const gib = 1024 ** 3
/** Where nothing is said, on a machine of so much memory. */
export const defaultLimits = (machineBytes: number): Limits => ({
  cpuSeconds: 3600,
  fileBytes: 4 * gib,
  processes: 2048,
  memoryBytes: Math.max(gib, machineBytes / 2),
  spareMemoryBytes: Math.min(gib, machineBytes / 16),
  spareDiskBytes: gib,
  spendDiskBytes: Infinity,
})
