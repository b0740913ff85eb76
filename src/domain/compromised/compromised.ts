/**
 * The shipped list of package versions known to be malicious or sabotaged, and the look-up in it.
 * The list is data (`compromised.json`, one line a package: name, then versions, `*` for all), grouped
 * by campaign; the index is made at the first look-up and kept. A listing under ecosystem `any`
 * (the name is bad in every registry that carries it) matches npm, PyPI, Packagist and crates.io.
 * Invariant: look-ups are exact by ecosystem, name and version; a clean neighbour never matches.
 */
import list from "./compromised.json" with { type: "json" }

export type Ecosystem =
  | "npm"
  | "pypi"
  | "packagist"
  | "go"
  | "crates.io"
  | "rubygems"
  | "hex"
  | "pub"
  | "nuget"
  | "maven"

export interface Compromise {
  readonly campaign: string
  /** ISO day, or month where the day is not known. */
  readonly date: string
  readonly advisories: ReadonlyArray<string>
}

export interface Listed extends Compromise {
  /** As the list spells it. */
  readonly name: string
  /** As the list spells it; null where all versions of the package are listed. */
  readonly version: string | null
}

interface Listing extends Compromise {
  readonly name: string
  /** By their key. */
  readonly versions: ReadonlyMap<string, string>
}

interface Campaign {
  readonly campaign: string
  readonly date: string
  readonly packages: Readonly<Record<string, ReadonlyArray<string>>>
  readonly advisories?: Readonly<Record<string, ReadonlyArray<string>>>
}

/** The day of the youngest campaign in the list: what came later is not known to it. */
export const compromisedListDate: string = list.asOf

const coveredByAny: ReadonlySet<string> = new Set<Ecosystem>(["npm", "pypi", "packagist", "crates.io"])

/** The spelling under which a registry treats names as the same. */
export const packageKey = (ecosystem: Ecosystem | "any", name: string): string => {
  switch (ecosystem) {
    case "pypi":
      return name.toLowerCase().replace(/[-_.]+/g, "-")
    case "packagist":
    case "nuget":
      return name.toLowerCase()
    default:
      return name
  }
}

const preRelease: Readonly<Record<string, string>> = {
  alpha: "a",
  beta: "b",
  c: "rc",
  pre: "rc",
  preview: "rc",
  rev: "post",
  r: "post",
}

/** PEP 440 in its normal form: `1.0-RC.1` is `1rc1`, `v0!1.0.0` is `1`. */
const pythonVersion = (version: string): string => {
  const [release = "", ...local] = version.toLowerCase().split("+")
  const normal = release
    .replace(/^v?(?:0+!)?v?/, "")
    .replace(/^(\d[\d.]*)-(\d+)$/, "$1.post$2")
    .replace(
      /[-_.]?(alpha|beta|preview|pre|rc|rev|post|dev|a|b|c|r)[-_.]?(\d*)/g,
      (_, word: string, number: string) => {
        const short = preRelease[word] ?? word
        return `${short === "post" || short === "dev" ? "." : ""}${short}${Number(number || "0")}`
      },
    )
    .replace(/^((?:\d+!)?\d+(?:\.\d+)*?)(?:\.0+)+(?![\d.]*\d)/, "$1")
  return [normal, ...local].join("+")
}

/** Go versions carry their `v`; elsewhere a leading `v` or `=` and the build part say nothing. */
const versionKey = (ecosystem: Ecosystem | "any", version: string): string => {
  if (ecosystem === "go") return version
  const bare = version.trim().replace(/^[=v]+\s*/, "")
  return ecosystem === "pypi" ? pythonVersion(bare) : bare
}

let index: ReadonlyMap<string, ReadonlyArray<Listing>> | undefined

const built = (): ReadonlyMap<string, ReadonlyArray<Listing>> => {
  if (index !== undefined) return index
  const made = new Map<string, Array<Listing>>()
  for (const campaign of list.campaigns as ReadonlyArray<Campaign>) {
    for (const [ecosystem, lines] of Object.entries(campaign.packages)) {
      for (const line of lines) {
        const [name = "", ...versions] = line.split(" ")
        const key = `${ecosystem}:${packageKey(ecosystem as Ecosystem, name)}`
        const listing: Listing = {
          name,
          campaign: campaign.campaign,
          date: campaign.date,
          advisories: campaign.advisories?.[`${ecosystem}:${name}`] ?? [],
          versions: new Map(
            versions.map((version) => [versionKey(ecosystem as Ecosystem, version), version]),
          ),
        }
        const known = made.get(key)
        if (known === undefined) made.set(key, [listing])
        else known.push(listing)
      }
    }
  }
  index = made
  return made
}

const listingsOf = (ecosystem: Ecosystem | "any", name: string): ReadonlyArray<Listing> => {
  const all = built()
  const spelled = packageKey(ecosystem, name)
  if (ecosystem === "any") {
    return ["any", ...coveredByAny].flatMap((each) => all.get(`${each}:${spelled}`) ?? [])
  }
  const own = all.get(`${ecosystem}:${spelled}`) ?? []
  if (!coveredByAny.has(ecosystem)) return own
  const everywhere = all.get(`any:${spelled}`)
  return everywhere === undefined ? own : [...own, ...everywhere]
}

/** The campaign a version belongs to, or null. `"any"` asks in every registry an `any` listing covers. */
export const isCompromised = (ecosystem: Ecosystem | "any", name: string, version: string): Listed | null => {
  const listings = listingsOf(ecosystem, name)
  if (listings.length === 0) return null
  const wanted = versionKey(ecosystem, version)
  // An exact listing names the advisory of that very version, so it goes before a listing of all versions.
  const spellings = ecosystem === "any" ? [wanted, pythonVersion(wanted)] : [wanted]
  for (const key of [...spellings, ...spellings.map((each) => each.replace(/\+.*$/, "")), "*"]) {
    const hit = listings.find((each) => each.versions.has(key))
    if (hit === undefined) continue
    const { name: listed, campaign, date, advisories } = hit
    return { name: listed, version: key === "*" ? null : hit.versions.get(key)!, campaign, date, advisories }
  }
  return null
}

/** Every version of a package is listed: then a range alone is a hit. */
export const isWhollyCompromised = (ecosystem: Ecosystem, name: string): boolean =>
  listingsOf(ecosystem, name).some((each) => each.versions.has("*"))
