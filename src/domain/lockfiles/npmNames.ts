/**
 * How npm's world writes packages down: `name@version`, aliases (`npm:axios@1.14.1`), exact versions
 * and ranges, tarball addresses of a registry.
 */
import { type LockEntry, locked } from "./lockEntry.ts"

const exact = /^[=v]*\s*\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/

export const isExactVersion = (version: string): boolean => exact.test(version.trim())

/** Splits `@scope/name@rest` and `name@rest`; null where there is no `@` after the name. */
export const splitSpec = (spec: string): { readonly name: string; readonly rest: string } | null => {
  const at = spec.indexOf("@", 1)
  if (at === -1) return null
  return { name: spec.slice(0, at), rest: spec.slice(at + 1) }
}

/** `npm:axios@1.14.1` names another package than the one it stands under. */
export const unalias = (
  name: string,
  version: string,
): { readonly name: string; readonly version: string } => {
  if (!version.startsWith("npm:")) return { name, version }
  const target = version.slice(4)
  const split = splitSpec(target)
  if (split !== null) return { name: split.name, version: split.rest }
  return isExactVersion(target) || /^[~^<>=*\d]/.test(target)
    ? { name, version: target }
    : { name: target, version: "*" }
}

/** The version of the package that a spec of package.json takes from elsewhere, patched or not. */
export const specTarget = (
  name: string,
  spec: string,
): { readonly name: string; readonly version: string } => {
  if (spec.startsWith("patch:")) {
    // `patch:axios@npm%3A1.14.1#~/.yarn/patches/...`
    const inner = splitSpec(
      spec
        .slice(6)
        .split("#", 1)[0]!
        .replaceAll(/%3[aA]/g, ":"),
    )
    return inner === null ? { name, version: spec } : specTarget(inner.name, inner.rest)
  }
  const fetched = fetchedInstead("", "", spec)
  return fetched ?? unalias(name, spec)
}

const tarball = /\/((?:@[^/@\s]+\/|@[^/@\s]+%2[fF])?[^/@\s]+)\/-\/(?:[^/\s]+\/)?([^/\s]+)\.tgz(?:[?#]|$)/

/** A specifier or resolution that names a folder of the user's own, not an archive. */
export const isOwnFolder = (spec: string): boolean =>
  /^(?:file|link|portal):/.test(spec) && !/\.t(?:ar\.)?gz(?:[#?:]|$)/.test(spec)

/**
 * The package a registry's tarball address really leads to, where that is another one than the entry
 * says: a lockfile can say one name and fetch another.
 */
export const fetchedInstead = (name: string, version: string, resolved: unknown): LockEntry | null => {
  if (typeof resolved !== "string") return null
  const match = tarball.exec(resolved)
  if (match === null) return null
  const real = match[1]!.replace(/%2[fF]/, "/")
  const base = real.slice(real.lastIndexOf("/") + 1)
  const file = match[2]!
  if (!file.startsWith(`${base}-`)) return null
  const realVersion = file.slice(base.length + 1)
  if (!isExactVersion(realVersion) || (real === name && realVersion === version)) return null
  return locked("npm", real, realVersion, undefined, resolved)
}

const served =
  /^https:\/\/(?:esm\.sh|unpkg\.com|esm\.run|cdn\.skypack\.dev|cdn\.jsdelivr\.net\/npm|ga\.jspm\.io\/npm:?)\/?(?:v\d+\/)?\*?((?:@[^/@]+\/)?[^/@]+@[^/?&]+)/

/** `name@version` of an address at a CDN that serves npm's packages. */
export const servedPackage = (address: string): string | undefined => served.exec(address)?.[1]
