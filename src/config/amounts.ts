/**
 * Spans of time and sizes as a person writes them in a configuration: `"90d"`, `"2GB"`; a number is milliseconds, or
 * bytes. Pure.
 */

const times: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  y: 31_557_600_000,
}
const sizes: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
}

export const spanPattern = /^\d+(?:\.\d+)?\s*[smhdwy]$/
export const sizePattern = /^\d+(?:\.\d+)?\s*[kKmMgGtT][iI]?[bB]$/

const amount = (text: string, units: Readonly<Record<string, number>>): number => {
  const [, digits = "", unit = ""] = /^([\d.]+)\s*([a-z]+)$/.exec(text.toLowerCase()) ?? []
  return Number(digits) * (units[unit] ?? Number.NaN)
}

/** Milliseconds of what fits `spanPattern`, or is milliseconds already. */
export const spanMs = (span: string | number): number =>
  typeof span === "number" ? span : amount(span, times)
/** Bytes of what fits `sizePattern`, or is bytes already. */
export const sizeBytes = (size: string | number): number =>
  typeof size === "number" ? size : amount(size, sizes)
