/** Where two states first differ, in words; null where they are the same. What JSON leaves out counts for nothing. Pure. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const longest = 60
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing"
  return text.length > longest ? `${text.slice(0, longest)}...` : text
}

export const stateDifference = (live: unknown, rebuilt: unknown, path = ""): string | null => {
  if (Object.is(live, rebuilt)) return null
  const at = (key: string | number) => (path === "" ? String(key) : `${path}.${key}`)
  if (Array.isArray(live) && Array.isArray(rebuilt) && live.length === rebuilt.length) {
    for (const [index, value] of live.entries()) {
      const found = stateDifference(value, rebuilt[index], at(index))
      if (found !== null) return found
    }
    return null
  }
  if (isRecord(live) && isRecord(rebuilt)) {
    for (const key of new Set([...Object.keys(live), ...Object.keys(rebuilt)])) {
      const found = stateDifference(live[key], rebuilt[key], at(key))
      if (found !== null) return found
    }
    return null
  }
  return `${path === "" ? "the state" : path} is ${shown(live)}, rebuilt ${shown(rebuilt)}`
}
