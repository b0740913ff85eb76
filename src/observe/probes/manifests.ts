/**
 * Manifest and lockfile of a folder, and which package manager is at home there. The lockfile may stand further up,
 * at most at the workspace's root, where it is shared by the packages of a repository.
 * Order of `files`: the manager's manifest, its lockfile, then the rest of what the folder has.
 */
import { dirname, join } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { placeOf, readPlain, Unavailable, within } from "./confine.ts"

/** Above this a file is not logged as a fact; and half a lockfile is worse than none. */
const maximumManifest = 2 * 1024 * 1024

interface Manager {
  readonly name: string
  readonly manifest: string
  readonly lockfiles: ReadonlyArray<string>
}

/** In the order in which they win where a folder has several. */
const managers: ReadonlyArray<Manager> = [
  { name: "pnpm", manifest: "package.json", lockfiles: ["pnpm-lock.yaml"] },
  { name: "yarn", manifest: "package.json", lockfiles: ["yarn.lock"] },
  { name: "bun", manifest: "package.json", lockfiles: ["bun.lock", "bun.lockb"] },
  { name: "npm", manifest: "package.json", lockfiles: ["package-lock.json", "npm-shrinkwrap.json"] },
  { name: "cargo", manifest: "Cargo.toml", lockfiles: ["Cargo.lock"] },
  { name: "go", manifest: "go.mod", lockfiles: ["go.sum"] },
  { name: "uv", manifest: "pyproject.toml", lockfiles: ["uv.lock"] },
  { name: "poetry", manifest: "pyproject.toml", lockfiles: ["poetry.lock"] },
  { name: "pdm", manifest: "pyproject.toml", lockfiles: ["pdm.lock"] },
  { name: "pipenv", manifest: "Pipfile", lockfiles: ["Pipfile.lock"] },
  { name: "pip", manifest: "requirements.txt", lockfiles: [] },
  { name: "composer", manifest: "composer.json", lockfiles: ["composer.lock"] },
  { name: "bundler", manifest: "Gemfile", lockfiles: ["Gemfile.lock"] },
]
/** Where a manifest stands without any lockfile. */
const usual: Readonly<Record<string, string>> = {
  "package.json": "npm",
  "Cargo.toml": "cargo",
  "go.mod": "go",
  "requirements.txt": "pip",
  Pipfile: "pipenv",
  "composer.json": "composer",
  Gemfile: "bundler",
}
const manifestNames = [...new Set(managers.map((manager) => manager.manifest))]

type ManifestFile = ProbeAnswer<"manifest">["files"][number]

/** The folder and those above it, up to the workspace's root. */
const upwards = (root: string, folder: string): ReadonlyArray<string> =>
  folder === root || !folder.startsWith(`${root}/`) ? [folder] : [folder, ...upwards(root, dirname(folder))]

const readIfThere = async (workspace: string, file: string): Promise<ManifestFile | null> => {
  const place = await placeOf(workspace, file)
  if (place.kind !== "inside") return null
  const read = await readPlain(place.real, maximumManifest)
  const path = within(workspace, file)
  if (read === "larger") throw new Unavailable(`${path} is larger than ${maximumManifest} bytes`)
  // A binary lockfile (bun.lockb) tells the manager and no more.
  if (read === "binary") return { path, text: "", mtimeMs: 0 }
  return read === "not a file" ? null : { path, text: read.text, mtimeMs: read.mtimeMs }
}

const declaredManager = (text: string): string | null => {
  try {
    const root: unknown = JSON.parse(text)
    const named =
      typeof root === "object" && root !== null && "packageManager" in root ? root.packageManager : null
    return typeof named === "string" ? (/^(npm|pnpm|yarn|bun)@/.exec(named)?.[1] ?? null) : null
  } catch {
    return null
  }
}

export const readManifest = async (workspace: string, dir: string): Promise<ProbeAnswer<"manifest">> => {
  const place = await placeOf(workspace, dir)
  if (place.kind === "outside") throw new Unavailable(`${dir} is outside the workspace`)
  if (place.kind === "absent") return { files: [], manager: null }
  const manifests = new Map<string, ManifestFile>()
  for (const name of manifestNames) {
    const file = await readIfThere(workspace, join(place.path, name))
    if (file !== null) manifests.set(name, file)
  }
  const locks: Array<{ readonly manager: Manager; readonly file: ManifestFile; readonly depth: number }> = []
  for (const [depth, folder] of upwards(workspace, place.path).entries())
    for (const manager of managers.filter((each) => manifests.has(each.manifest)))
      for (const name of manager.lockfiles) {
        if (locks.some((lock) => lock.manager === manager)) continue
        const file = await readIfThere(workspace, join(folder, name))
        if (file !== null) locks.push({ manager, file, depth })
      }
  const declared = declaredManager(manifests.get("package.json")?.text ?? "")
  const nearest = locks.toSorted((a, b) => a.depth - b.depth)
  const winner =
    managers.find((each) => each.name === declared) ??
    nearest[0]?.manager ??
    managers.find((each) => manifests.has(each.manifest) && usual[each.manifest] === each.name) ??
    null
  const own = nearest.filter((lock) => lock.manager === winner && lock.file.text !== "")
  const first = winner === null ? undefined : manifests.get(winner.manifest)
  return {
    files: [
      ...(first === undefined ? [] : [first]),
      ...own.map((lock) => lock.file),
      ...[...manifests.values()].filter((file) => file !== first),
    ],
    manager: winner?.name ?? null,
  }
}
