/**
 * What probes may read: inside the workspace, links followed, and no file whose name says that it holds secrets.
 * Invariants: a path that leads outside is never opened; nothing but plain files is read, and no more than was asked.
 */
import { Buffer } from "node:buffer"
import { constants } from "node:fs"
import { open, realpath } from "node:fs/promises"
import { isAbsolute, join, relative, resolve } from "node:path"

/** Why a probe has no answer; the text goes into the log. */
export class Unavailable extends Error {}

export type Place =
  | { readonly kind: "inside"; readonly path: string; readonly real: string }
  | { readonly kind: "absent"; readonly path: string }
  | { readonly kind: "outside" }

const isWithin = (base: string, path: string): boolean => path === base || path.startsWith(`${base}/`)

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error))
const isAbsence = (error: unknown): boolean => ["ENOENT", "ENOTDIR"].includes(codeOf(error))

/** Null where nothing is there. */
const realOf = (path: string): Promise<string | null> =>
  realpath(path).catch((error: unknown) => (isAbsence(error) ? null : Promise.reject(error)))

/** The deepest folder above that exists, to tell "not there" from "behind a link that leads outside". */
const nearestReal = async (path: string): Promise<string> => {
  for (let at = join(path, ".."); ; at = join(at, "..")) {
    const real = await realOf(at)
    if (real !== null) return real
  }
}

export const placeOf = async (workspace: string, path: string): Promise<Place> => {
  if (path.includes("\0")) return { kind: "outside" }
  const asked = resolve(workspace, path)
  const [root, real] = await Promise.all([realpath(workspace), realOf(asked)])
  if (real !== null) return isWithin(root, real) ? { kind: "inside", path: asked, real } : { kind: "outside" }
  if (!isWithin(workspace, asked) && !isWithin(root, asked)) return { kind: "outside" }
  return isWithin(root, await nearestReal(asked)) ? { kind: "absent", path: asked } : { kind: "outside" }
}

/** Relative to the workspace with `/`; "." for itself. */
export const within = (workspace: string, path: string): string =>
  isAbsolute(path) ? relative(workspace, path) || "." : path

const secretNames = new Set(
  (
    ".npmrc .yarnrc .yarnrc.yml .pypirc .netrc _netrc .git-credentials .gitconfig .pgpass .my.cnf .htpasswd " +
    ".dockercfg .vault-token .terraformrc .s3cfg .boto credentials credentials.json service-account.json " +
    "secrets.json secrets.yml secrets.yaml secrets.toml local.settings.json id_rsa id_dsa id_ecdsa id_ed25519 " +
    "master.key kubeconfig"
  ).split(" "),
)
const secretEndings =
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|age|tfstate|tfstate\.backup|tfvars|ovpn|mobileprovision)$/
const environmentFile = /^\.env(?:\..+)?$|^\.envrc$|\.env$/
const secretFolders = new Set([".git", ".ssh", ".gnupg", ".aws", ".azure", ".gcloud", ".kube", ".docker"])

export const isSecretPath = (path: string): boolean => {
  const parts = path.toLowerCase().split("/")
  const name = parts.at(-1) ?? ""
  return (
    secretNames.has(name) ||
    secretEndings.test(name) ||
    environmentFile.test(name) ||
    parts.slice(0, -1).some((part) => secretFolders.has(part))
  )
}

export interface FileText {
  readonly text: string
  readonly mtimeMs: number
}

const decoder = new TextDecoder("utf-8")

/** Text of a plain file of at most `maxBytes`; otherwise why there is none. */
export const readPlain = async (
  real: string,
  maxBytes: number,
): Promise<FileText | "larger" | "binary" | "not a file"> => {
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stat = await file.stat()
    if (!stat.isFile()) return "not a file"
    if (stat.size > maxBytes) return "larger"
    // One byte more than allowed: the file may grow meanwhile.
    const bytes = Buffer.alloc(Math.min(maxBytes, stat.size) + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, length)
      length += bytesRead
      if (bytesRead === 0 || length === bytes.length) break
    }
    if (length > maxBytes) return "larger"
    const whole = bytes.subarray(0, length)
    if (whole.subarray(0, 8192).includes(0)) return "binary"
    return { text: decoder.decode(whole), mtimeMs: stat.mtimeMs }
  } finally {
    await file.close()
  }
}
