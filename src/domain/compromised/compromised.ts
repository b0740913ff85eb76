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

interface Listing extends Compromise {
  readonly versions: ReadonlySet<string>
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

/** Go versions carry their `v`; elsewhere a leading `v` or `=` and the build part say nothing. */
const versionKey = (ecosystem: Ecosystem | "any", version: string): string =>
  ecosystem === "go" ? version : version.trim().replace(/^[=v]+\s*/, "")

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
          campaign: campaign.campaign,
          date: campaign.date,
          advisories: campaign.advisories?.[`${ecosystem}:${name}`] ?? [],
          versions: new Set(versions),
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
export const isCompromised = (
  ecosystem: Ecosystem | "any",
  name: string,
  version: string,
): Compromise | null => {
  const listings = listingsOf(ecosystem, name)
  if (listings.length === 0) return null
  const wanted = versionKey(ecosystem, version)
  // An exact listing names the advisory of that very version, so it goes before a listing of all versions.
  const hit =
    listings.find((each) => each.versions.has(wanted)) ??
    listings.find((each) => each.versions.has(wanted.replace(/\+.*$/, ""))) ??
    listings.find((each) => each.versions.has("*"))
  if (hit === undefined) return null
  return { campaign: hit.campaign, date: hit.date, advisories: hit.advisories }
}

/** Every version of a package is listed: then a range alone is a hit. */
export const isWhollyCompromised = (ecosystem: Ecosystem, name: string): boolean =>
  listingsOf(ecosystem, name).some((each) => each.versions.has("*"))
