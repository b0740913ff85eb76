/** Single slips of single tools, from what each says of them. */
import { distance } from "../../domain/nearest.ts"
import { type Correction, insertedAfter, replaced } from "./Correction.ts"
import { isNotFound } from "./mistyped.ts"
import { closest } from "./rank.ts"
import { eachPlain, kinds, kindsOf, programOf, rule } from "./rule.ts"

/** A build tool that the project brings along. */
export const projectWrapper: Correction = {
  name: "project-wrapper",
  applies: (failed) => /^(?:gradle|mvn)$/.test(failed.words[0] ?? "") && isNotFound(failed),
  asks: ({ words }, dir) => [kindsOf(dir, [`${words[0]}w`])],
  correct: (failed, known) =>
    kinds(known, [`${failed.words[0]}w`])[0] === "file" ? [replaced(failed, 0, `./${failed.words[0]}w`)] : [],
}

/** A script of python's, without the right to be run. */
export const pythonScript: Correction = {
  name: "python-script",
  applies: ({ words, output, seen, exit }) =>
    (words[0] ?? "").endsWith(".py") &&
    (seen ? /permission denied|EACCES/i.test(output) && !/^Traceback /m.test(output) : exit === 126),
  correct: (failed) => eachPlain([failed.words[0]], (word) => replaced(failed, 0, `python ${word}`)),
}

/** `cargo` alone prints its help. */
export const cargoAlone = rule(
  "cargo-alone",
  { program: "cargo", typed: /^$/ },
  (failed) => [insertedAfter(failed, 0, "build")],
  { notOffered: true },
)

const notHere = /not a git repository|no repository found|not a mercurial repository/i

/** Git and Mercurial, each in the other's repository. */
export const otherRepository: Correction = {
  name: "other-version-control",
  applies: (failed) => /^(?:git|hg)$/.test(programOf(failed)) && notHere.test(failed.output),
  asks: (_, dir) => [kindsOf(dir, [".git", ".hg"])],
  correct: (failed, known) => {
    const [git, hg] = kinds(known, [".git", ".hg"])
    const there = (kind: typeof git): boolean => kind !== null && kind !== undefined
    if (failed.words[0] === "git" && there(hg)) return [replaced(failed, 0, "hg")]
    return failed.words[0] === "hg" && there(git) ? [replaced(failed, 0, "git")] : []
  },
}

/** The same words under a name that is known, as they ran before. */
export const ranBefore: Correction = {
  name: "ran-before",
  applies: isNotFound,
  correct: (failed, { memory }) => {
    const typed = failed.line.split(/\s+/)
    return memory.commands
      .filter(({ exit, command }) => {
        const words = command.trim().split(/\s+/)
        return (
          exit === 0 && words.length === typed.length && words.slice(1).join(" ") === typed.slice(1).join(" ")
        )
      })
      .map(({ command }) => command.trim())
      .filter((command) => near(command, failed.line))
      .slice(0, 2)
  },
}

/** The nearest of the lines that ran before, where nothing at all is known of what went wrong. */
export const likeBefore: Correction = {
  name: "like-before",
  applies: ({ words, output, exit }) => words.length > 1 && exit === null && output.trim() === "",
  correct: ({ line }, { memory }) =>
    closest(
      line,
      memory.commands.filter(({ exit }) => exit === 0).map(({ command }) => command.trim()),
      { cutoff: 0.75 },
    ),
  notOffered: true,
}

/** One slip apart, and no more. */
const near = (a: string, b: string): boolean => {
  const [x = "", y = ""] = [a.split(/\s/, 1)[0], b.split(/\s/, 1)[0]]
  return x !== y && distance(x, y, 2) <= Math.max(1, Math.floor(y.length / 3))
}
