/** Which commands of package managers install something: a table, and the question whether a command line does. */

/** Words among a program's arguments that make it an installation; null: it always is. `""`: none at all. */
export const installing: Readonly<Record<string, ReadonlyArray<string> | null>> = {
  npm: "install i in ins inst insta instal isnt isnta isntal isntall add ci update up upgrade exec x it install-test".split(
    " ",
  ),
  pnpm: "add install i update up upgrade dlx".split(" "),
  yarn: ["", ..."add install up upgrade global dlx".split(" ")],
  bun: "add a install i update x".split(" "),
  npx: null,
  pnpx: null,
  bunx: null,
  deno: "add install i".split(" "),
  pip: "install download wheel".split(" "),
  pip3: "install download wheel".split(" "),
  pipx: "install run inject".split(" "),
  uv: "add sync pip tool".split(" "),
  uvx: null,
  poetry: "add install sync".split(" "),
  pdm: "add install sync".split(" "),
  pipenv: "install sync".split(" "),
  cargo: "add install".split(" "),
  go: "get install".split(" "),
  composer: "require install update".split(" "),
  gem: "install i".split(" "),
  bundle: ["", ..."add install update".split(" ")],
}

/** The program that a plain command, as words, installs with; null where it installs nothing. */
export const installerOf = (words: ReadonlyArray<string>): string | null => {
  const [path = "", ...args] = words
  const name = path.slice(path.lastIndexOf("/") + 1)
  if (!Object.hasOwn(installing, name)) return null
  const verbs = installing[name]!
  const said = args.filter((arg) => !arg.startsWith("-"))
  return verbs === null || verbs.includes(said[0] ?? "") ? name : null
}
