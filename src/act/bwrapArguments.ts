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

export interface BwrapSpec {
  readonly mounts: ReadonlyArray<Mount>
  readonly cwd: string
  readonly network: boolean
  readonly env: Readonly<Record<string, string>>
  readonly argv: ReadonlyArray<string>
  readonly seccomp: boolean
  readonly prlimit: string | null
  readonly limits: Limits
}

export interface Limits {
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

/** Descriptors: 3 holds the system-call filter, 4 takes the child's pid. */
export const bwrapArguments = (spec: BwrapSpec): ReadonlyArray<string> => [
  "--unshare-all",
  ...(spec.network ? ["--share-net"] : []),
  "--unshare-user",
  "--disable-userns",
  "--die-with-parent",
  "--new-session",
  "--cap-drop",
  "ALL",
  "--info-fd",
  "4",
  ...(spec.seccomp ? ["--seccomp", "3"] : []),
  "--proc",
  "/proc",
  "--dev",
  "/dev",
  ...spec.mounts.flatMap(mountArguments),
  "--remount-ro",
  "/",
  "--chdir",
  spec.cwd,
  "--clearenv",
  ...Object.entries(spec.env).flatMap(([name, value]) => ["--setenv", name, value]),
  "--",
  ...(spec.prlimit === null
    ? []
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
