/**
 * What the sandbox shows: the system read-only, toolchains of PATH, the workspace, and nothing else. The home is
 * empty; credentials and Claw's own folders are covered even where a shown folder holds them.
 * Invariant: the order of the result is the order of trust: hidden things come last and cover everything.
 */
import { accessSync, constants, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import type { Mount } from "./bwrapArguments.ts"
import { inside } from "./paths.ts"

const systemFolders = [
  "/usr",
  "/bin",
  "/sbin",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/etc",
  "/opt",
  "/nix",
  "/gnu",
]
/** Readable by root or a group on the host, and of no use to a command. */
const systemSecrets = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/gshadow-",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/ssh",
  "/etc/ssl/private",
  "/etc/krb5.keytab",
  "/etc/security/opasswd",
  "/etc/NetworkManager/system-connections",
  "/etc/wireguard",
]
/** Below the home; covered where the workspace is the home, or holds one of them. */
const homeSecrets = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  ".pgpass",
  ".my.cnf",
  ".vault-token",
  ".password-store",
  ".mozilla",
  ".thunderbird",
  ".terraform.d",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".config/gcloud",
  ".config/gh",
  ".config/hub",
  ".config/git/credentials",
  ".config/google-chrome",
  ".config/chromium",
  ".config/1Password",
  ".config/op",
  ".config/sops",
  ".local/share/keyrings",
  ".bash_history",
  ".zsh_history",
  ".local/share/fish/fish_history",
]
/** Toolchain managers whose programs need the whole of their folder; none holds credentials. */
const toolRoots = [
  ".nvm",
  ".volta",
  ".asdf",
  ".pyenv",
  ".rbenv",
  ".nodenv",
  ".fnm",
  ".sdkman",
  ".rustup",
  ".bun",
  ".deno",
  ".local/share/fnm",
  ".local/share/mise",
  ".local/share/pnpm",
]

const orNull = <A>(run: () => A): A | null => {
  try {
    return run()
  } catch {
    return null
  }
}

const kindOf = (path: string): "dir" | "file" | null => {
  const found = orNull(() => statSync(path))
  return found === null ? null : found.isDirectory() ? "dir" : "file"
}

/** The system's part: found once, when the sandbox starts. */
export const systemMounts = (): ReadonlyArray<Mount> => {
  const mounts: Array<Mount> = []
  for (const path of systemFolders) {
    const found = orNull(() => lstatSync(path))
    if (found === null) continue
    mounts.push(
      found.isSymbolicLink()
        ? { kind: "symlink", path, target: readlinkSync(path) }
        : { kind: "read-only", path },
    )
  }
  for (const path of new Set([...systemSecrets, ...notForAll("/etc")])) mounts.push(...cover(path))
  return mounts
}

/** How many are looked at, and how deep below the folder. */
const looked = { entries: 5000, depth: 3 }
/** What this user may read only as root or by a group: keys and passwords of services, and of no use to a command. */
const notForAll = (top: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let asked = 0
  const look = (folder: string, depth: number): void => {
    for (const entry of orNull(() => readdirSync(folder, { withFileTypes: true })) ?? []) {
      if (asked++ > looked.entries || entry.isSymbolicLink()) continue
      const path = join(folder, entry.name)
      const { mode = 0, size = 0 } = orNull(() => lstatSync(path)) ?? {}
      if (size === 0) continue
      const needed = entry.isDirectory() ? 0o005 : 0o004
      if ((mode & needed) === needed) {
        if (entry.isDirectory() && depth < looked.depth) look(path, depth + 1)
      } else if (orNull(() => accessSync(path, constants.R_OK)) === undefined) found.push(path)
    }
  }
  look(top, 1)
  return found
}

const cover = (path: string): ReadonlyArray<Mount> => {
  const kind = kindOf(path)
  if (kind === null) return []
  return kind === "dir" ? [{ kind: "empty", path, bytes: 4096, readOnly: true }] : [{ kind: "void", path }]
}

/** Folders of programs outside the system's: of PATH, with the installation a `bin` folder belongs to. */
export const toolchains = (path: string, home: string): ReadonlyArray<string> => {
  const wanted = path.split(":").flatMap((folder) => {
    if (systemFolders.some((system) => inside(system, folder))) return []
    const root = dirname(folder)
    const isInstallation =
      basename(folder) === "bin" && root !== "/" && root !== home && dirname(root) !== home
    return [isInstallation && root !== join(home, ".local") ? root : folder]
  })
  const found = [...wanted, ...toolRoots.map((name) => join(home, name))].flatMap((folder) =>
    kindOf(folder) === "dir" ? [folder, realpathSync(folder)] : [],
  )
  return [...new Set(found)].filter((folder) => !inside(folder, home) && folder !== "/")
}

export interface Shown {
  readonly system: ReadonlyArray<Mount>
  readonly home: string
  readonly readable: ReadonlyArray<string>
  readonly workspace: string
  readonly writable: ReadonlyArray<string>
  readonly anchors: ReadonlyArray<string>
  readonly shut: ReadonlyArray<string>
  readonly placeholders: ReadonlyArray<string>
  readonly hidden: ReadonlyArray<string>
  /** The launcher and what it needs. */
  readonly placed: ReadonlyArray<Mount>
}

const byDepth = (a: string, b: string): number => a.split("/").length - b.split("/").length

export const mountsFor = (shown: Shown): ReadonlyArray<Mount> => {
  const binds = [
    ...shown.readable.map((path) => ({ kind: "read-only" as const, path })),
    { kind: "read-only" as const, path: shown.workspace },
  ].sort((a, b) => byDepth(a.path, b.path))
  const writable = [...shown.writable].sort(byDepth).map((path) => ({ kind: "writable" as const, path }))
  /** Protection is only needed, and an anchor only harmless, where a writable folder holds it. */
  const reachable = (path: string): boolean => shown.writable.some((folder) => inside(folder, path))
  const visible = [...binds, ...writable].map(({ path }) => path)
  const hidden = [...shown.hidden, ...homeSecrets.map((name) => join(shown.home, name))]
    .map((path) => orNull(() => realpathSync(path)))
    .filter((path) => path !== null)
    .filter((path) => visible.some((folder) => inside(folder, path)))
  return [
    ...shown.system,
    { kind: "empty", path: "/tmp", bytes: 1024 ** 3, readOnly: false },
    { kind: "empty", path: shown.home, bytes: 256 * 1024 ** 2, readOnly: false },
    ...shown.placed,
    ...binds,
    ...writable,
    ...shown.anchors.filter(reachable).map((path) => ({ kind: "writable" as const, path })),
    ...shown.shut
      .filter((path) => reachable(path) || shown.writable.some((folder) => inside(path, folder)))
      .map((path) => ({ kind: "read-only" as const, path })),
    ...shown.placeholders.map((path) => ({ kind: "void" as const, path })),
    ...hidden.flatMap(cover),
  ]
}
