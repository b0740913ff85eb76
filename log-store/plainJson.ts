/**
 * Whether a value is its own JSON: reading back what `JSON.stringify` makes of it gives the same value again. True only
 * where that is certain at a glance; then an appended payload can be shown to readers as it is. Pure.
 */
const deepest = 32

export const isPlainJson = (value: unknown, depth = 0): boolean => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true
    case "number":
      return Number.isFinite(value) && (value !== 0 || Object.is(value, 0))
    case "object":
      return value === null || (depth < deepest && isPlainObject(value, depth + 1))
    default:
      return false
  }
}

const isPlainObject = (value: object, depth: number): boolean => {
  if (Array.isArray(value)) {
    if (Object.getPrototypeOf(value) !== Array.prototype) return false
    // By index: a hole is undefined, which JSON turns into null.
    for (let n = 0; n < value.length; n++) {
      const item: unknown = value[n]
      if (typeof item !== "string" && !isPlainJson(item, depth)) return false
    }
    return true
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key]
    if (typeof item !== "string" && !isPlainJson(item, depth)) return false
  }
  return true
}
