/**
 * The bubblewrap command line from a list of mounts. Pure: what exists was found out before.
 * Invariants: every namespace is new, all capabilities are dropped (else root could remount), no nested user
 * namespaces; later mounts cover earlier ones, so protection and hiding come last and win over every grant.
 */
export type Mount =
  | { readonly kind: "read-only" | "writable"; readonly path: string }
  | { readonly kind: "symlink"; readonly path: string; readonly target: string }
  /** An empty folder of its own, in memory. */
  | { readonly kind: "empty"; readonly path: string; readonly bytes: number; readonly readOnly: boolean }
  /** A file that reads as nothing and cannot be written. */
  | { readonly kind: "void"; readonly path: string }
  /** Shown under another path, read-only. */
  | { readonly kind: "placed"; readonly path: string; readonly from: string }

export interface BwrapSpec {
  readonly mounts: ReadonlyArray<Mount>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** The program that opens the way to the proxy and then becomes the rest of the line; none without network. */
  readonly launcher: ReadonlyArray<string>
  readonly argv: ReadonlyArray<string>
  readonly seccomp: boolean
  /** It waits on descriptor 6 before it begins. */
  readonly waits: boolean
  readonly prlimit: string | null
  readonly limits: KernelLimits
}

/** What the kernel holds each process to; the rest is watched (sandboxWatch.ts). */
export interface KernelLimits {
  readonly cpuSeconds: number
  readonly fileBytes: number
  readonly processes: number
}

const mountArguments = (mount: Mount): ReadonlyArray<string> => {
  switch (mount.kind) {
    case "read-only":
      return ["--ro-bind", mount.path, mount.path]
    case "writable":
      return ["--bind", mount.path, mount.path]
    case "symlink":
      return ["--symlink", mount.target, mount.path]
    case "placed":
      return ["--ro-bind", mount.from, mount.path]
    case "void":
      return ["--ro-bind", "/dev/null", mount.path]
    case "empty":
      return [
        "--size",
        String(mount.bytes),
        "--tmpfs",
        mount.path,
        ...(mount.readOnly ? ["--remount-ro", mount.path] : []),
      ]
  }
}

const sharedMemoryBytes = 512 * 1024 ** 2

/** Descriptors: 3 holds the system-call filter, 4 takes the child's pid, 5 is the launcher's channel. */
export const bwrapArguments = (spec: BwrapSpec): ReadonlyArray<string> => [
  "--unshare-all",
  "--unshare-user",
  "--disable-userns",
  "--die-with-parent",
  "--new-session",
  "--cap-drop",
  "ALL",
  "--info-fd",
  "4",
  ...(spec.seccomp ? ["--seccomp", "3"] : []),
  ...(spec.waits ? ["--block-fd", "6"] : []),
  "--proc",
  "/proc",
  // the kernel's settings below it belong to the machine, and root may write them without any capability
  "--remount-ro",
  "/proc",
  "--dev",
  "/dev",
  "--size",
  String(sharedMemoryBytes),
  "--tmpfs",
  "/dev/shm",
  "--remount-ro",
  "/dev",
  ...spec.mounts.flatMap(mountArguments),
  "--remount-ro",
  "/",
  "--chdir",
  spec.cwd,
  "--clearenv",
  ...Object.entries(spec.env).flatMap(([name, value]) => ["--setenv", name, value]),
  "--",
  ...spec.launcher,
  ...(spec.prlimit === null
    ? spec.launcher.length === 0
      ? []
      : ["/usr/bin/env", "--"]
    : [
        spec.prlimit,
        `--cpu=${spec.limits.cpuSeconds}`,
        `--fsize=${spec.limits.fileBytes}`,
        `--nproc=${spec.limits.processes}`,
        "--core=0",
        "--",
      ]),
  ...spec.argv,
]
