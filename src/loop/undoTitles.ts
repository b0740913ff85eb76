/** What a call was, in a line, from its input alone. Pure. */
type Input = Readonly<Record<string, unknown>>

const texts = (input: Input, ...keys: ReadonlyArray<string>): string | null => {
  for (const key of keys) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined
    if (typeof value === "string" && value !== "") return value.split("\n")[0]!.slice(0, 160)
  }
  return null
}

export const titleOf = (tool: string, input: Input): string => {
  const what = texts(
    input,
    "command",
    "operation",
    "path",
    "file_path",
    "notebook_path",
    "pattern",
    "url",
    "code",
  )
  return what === null ? tool : `${tool}: ${what}`
}
