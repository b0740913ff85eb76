/** Globs over event types: `*` stands for any text, `?` for one character, all else for itself. */
export const typeMatcher = (globs: ReadonlyArray<string>): ((type: string) => boolean) => {
  const source = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replace(/\*+/g, ".*")
      .replaceAll("?", "."),
  )
  const pattern = new RegExp(`^(?:${source.join("|")})$`, "su")
  return (type) => pattern.test(type)
}
