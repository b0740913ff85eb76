/**
 * Which versions are really installed for what a folder declares: read from the installed packages' own files.
 * A name that is not in the answer could not be looked up; null means looked up and not there.
 */
import { readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { readLockfile } from "../../domain/lockfiles/readLockfile.ts"
import { placeOf, readPlain, Unavailable } from "./confine.ts"
import { readManifest } from "./manifests.ts"

const maximumNames = 500
const maximumPackageFile = 1024 * 1024
const maximumInstalledList = 16 * 1024 * 1024

type Installed = Record<string, string | null>

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
const upwards = (root: string, folder: string): ReadonlyArray<string> =>
  folder === root || !folder.startsWith(`${root}/`) ? [folder] : [folder, ...upwards(root, dirname(folder))]

/** What it declares: names of registry packages, of development too. */
const declaredNames = (manifest: ProbeAnswer<"manifest">): ReadonlyArray<string> => {
  const [file] = manifest.files
  if (file === undefined) return []
  if (file.path.endsWith("package.json")) {
    const root = parsed(file.text)
    if (!isRecord(root)) return []
    const sections = [root["dependencies"], root["devDependencies"], root["optionalDependencies"]]
    return [...new Set(sections.flatMap((section) => (isRecord(section) ? Object.keys(section) : [])))]
  }
  const read = readLockfile(file.path, file.text)
  return read._tag === "Read" ? [...new Set(read.entries.map((entry) => entry.name))] : []
}

/** Also what a name may not be: a way out of `node_modules`. */
const npmName = /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/

const inNodeModules = async (
  workspace: string,
  dir: string,
  names: ReadonlyArray<string>,
): Promise<Installed> => {
  const folders = upwards(workspace, dir)
  for (const folder of folders)
    if ((await placeOf(workspace, join(folder, ".pnp.cjs"))).kind === "inside")
      throw new Unavailable("packages are kept by Yarn Plug'n'Play")
  const installed: Installed = {}
  for (const name of names.filter((each) => npmName.test(each))) {
    let found: string | null | undefined = null
    for (const folder of folders) {
      const place = await placeOf(workspace, join(folder, "node_modules", name, "package.json"))
      if (place.kind === "absent") continue
      const read = place.kind === "inside" ? await readPlain(place.real, maximumPackageFile) : null
      const root = read === null || typeof read === "string" ? null : parsed(read.text)
      found = isRecord(root) && typeof root["version"] === "string" ? root["version"] : undefined
      break
    }
    // A link out of the workspace or a broken file: nothing can be said of it.
    if (found !== undefined) installed[name] = found
  }
  return installed
}

const normalised = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-")

const inSitePackages = async (
  workspace: string,
  dir: string,
  names: ReadonlyArray<string>,
): Promise<Installed> => {
  for (const folder of upwards(workspace, dir))
    for (const environment of [".venv", "venv"]) {
      const lib = await placeOf(workspace, join(folder, environment, "lib"))
      if (lib.kind !== "inside") continue
      const pythons = (await readdir(lib.real)).filter((name) => /^python\d/.test(name))
      const versions = new Map<string, string>()
      for (const python of pythons) {
        const site = await placeOf(workspace, join(lib.path, python, "site-packages"))
        if (site.kind !== "inside") continue
        for (const entry of await readdir(site.real)) {
          const found = /^(.+?)-([^-]+)\.dist-info$/.exec(entry)
          if (found !== null) versions.set(normalised(found[1]!), found[2]!)
        }
      }
      return Object.fromEntries(names.map((name) => [name, versions.get(normalised(name)) ?? null]))
    }
  throw new Unavailable("no virtual environment stands in the workspace")
}

const inVendor = async (workspace: string, dir: string, names: ReadonlyArray<string>): Promise<Installed> => {
  const place = await placeOf(workspace, join(dir, "vendor/composer/installed.json"))
  if (place.kind === "outside") throw new Unavailable("vendor is outside the workspace")
  const read = place.kind === "inside" ? await readPlain(place.real, maximumInstalledList) : null
  if (typeof read === "string") throw new Unavailable(`vendor/composer/installed.json is ${read}`)
  const root = read === null ? null : parsed(read.text)
  const list = isRecord(root) ? root["packages"] : root
  const versions = new Map<string, string>()
  for (const each of Array.isArray(list) ? list : [])
    if (isRecord(each) && typeof each["name"] === "string" && typeof each["version"] === "string")
      versions.set(each["name"], each["version"])
  return Object.fromEntries(names.map((name) => [name, versions.get(name) ?? null]))
}

export const readInstalled = async (
  workspace: string,
  dir: string,
  names: ReadonlyArray<string>,
): Promise<ProbeAnswer<"installed">> => {
  const place = await placeOf(workspace, dir)
  if (place.kind === "outside") throw new Unavailable(`${dir} is outside the workspace`)
  const manifest = await readManifest(workspace, dir)
  const wanted = (names.length > 0 ? names : declaredNames(manifest)).slice(0, maximumNames)
  const folder = place.path
  switch (manifest.manager) {
    case "npm":
    case "pnpm":
    case "yarn":
    case "bun":
      return inNodeModules(workspace, folder, wanted)
    case "pip":
    case "uv":
    case "poetry":
    case "pdm":
    case "pipenv":
      return inSitePackages(workspace, folder, wanted)
    case "composer":
      return inVendor(workspace, folder, wanted)
    default:
      // Cargo and Go fetch as they build, gems are kept outside: nothing is installed in a workspace.
      return {}
  }
}
