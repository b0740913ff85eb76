/**
 * Everyday programs over files: what may be run, which way round a link or a search goes, an expression left open, an
 * address given as a file.
 */
import { type Correction, insertedAfter, plain, spliced } from "./Correction.ts"
import { isNotFound } from "./mistyped.ts"
import { eachPlain, kinds, kindsOf, operandAt, operands, preceded, rule, withOption } from "./rule.ts"

const absent = /does not exist|No such file/i

export const removeRoot = rule(
  "remove-root",
  { program: "rm", typed: /(?:^|\s)\/(?:\s|$)/, says: /--no-preserve-root/ },
  (failed) =>
    failed.words.includes("--no-preserve-root")
      ? []
      : [insertedAfter(failed, failed.part.length - 1, "--no-preserve-root")],
)

export const upTwice: Correction = {
  name: "cd-up-glued",
  applies: ({ words, line }) =>
    /^cd\.{2,}[./]*$/.test(words[0] ?? "") && words.length === 1 && line.startsWith("cd.."),
  correct: (failed) => [`cd ${failed.line.slice(2)}`],
}

/** A script beside the shell, without the `./`. */
export const besideHere: Correction = {
  name: "run-from-here",
  applies: (failed) => isNotFound(failed),
  asks: ({ words }, dir) => [kindsOf(dir, [words[0]!])],
  correct: (failed, known) =>
    kinds(known, [failed.words[0]!])[0] === "file" && !failed.words[0]!.includes("/")
      ? [`${failed.line.slice(0, failed.part[0]!.start)}./${failed.line.slice(failed.part[0]!.start)}`]
      : [],
}

/** The shell says it of this very file, and not the file, once it runs, of another. */
const deniedItself = (output: string, path: string): boolean => {
  const name = path.replace(/^\.\//, "")
  return output.split("\n", 10).some((line) => {
    const at = line.indexOf(name)
    const after = line.slice(at + name.length)
    return (
      at >= 0 &&
      (/^['"’]?: permission denied/i.test(after) ||
        /permission denied: ['"]?(?:\.\/)?$/i.test(line.slice(0, at)) ||
        /^['"’]? (?:exists but is not an executable file|is not executable by this user)/.test(after))
    )
  })
}

export const makeRunnable: Correction = {
  name: "make-runnable",
  applies: ({ words, output, exit, seen, alone }) =>
    /^[\w.-]+\//.test(words[0] ?? "") &&
    (!alone || exit === null || exit === 126 || exit === 1) &&
    !/\.(?:md|txt|json|ya?ml|toml|html?|css|csv|png|jpe?g|svg|pdf|lock|log)$/i.test(words[0]!) &&
    (seen ? deniedItself(output, words[0]!) : exit === 126),
  asks: ({ words }, dir) => [kindsOf(dir, [words[0]!])],
  correct: (failed, known) => {
    const path = failed.words[0]!
    return kinds(known, [path])[0] === "file"
      ? eachPlain([path.replace(/^\.\//, "")], (word) => preceded(failed, `chmod +x ${word}`))
      : []
  },
  dangerous: true,
}

/** `ln -s link target`: the wrong way round. */
export const linkOrder = rule(
  "link-order",
  { program: "ln", typed: /(?:^|\s)(?:-[a-z]*s[a-z]*|--symbolic)(?:\s|$)/, says: /File exists/ },
  (failed, known) => {
    const at = operands(failed)
    const [first] = at
    if (first === undefined || at.length !== 2) return []
    const there = kinds(
      known,
      at.map((i) => failed.words[i]!),
    ).filter((kind) => kind !== null && kind !== undefined)
    // With both there, the other way round would fail just the same.
    if (there.length !== 1) return []
    const raw = failed.part.map(({ start, end }) => failed.line.slice(start, end))
    const [moved] = raw.splice(first, 1)
    return [spliced(failed, 0, failed.words.length, [...raw, moved!].join(" "))]
  },
  {
    asks: (failed, dir) => [
      kindsOf(
        dir,
        operands(failed).map((at) => failed.words[at]!),
      ),
    ],
  },
)

export const linkDirectory = rule(
  "link-directory",
  { program: "ln", says: /hard link not allowed for directory/ },
  (failed) => (failed.words.includes("-s") ? [] : withOption(failed, 0, "-s")),
)

/** `grep file.txt word`: the file first. */
export const grepOrder = rule(
  "grep-order",
  { program: "grep egrep", says: /No such file or directory/ },
  (failed, known) => {
    const at = operands(failed)
    const [pattern] = at
    const kind = pattern === undefined ? null : kinds(known, [failed.words[pattern]!])[0]
    if (pattern === undefined || at.length < 2 || (kind !== "file" && kind !== "dir")) return []
    const raw = failed.part.map(({ start, end }) => failed.line.slice(start, end))
    const [file] = raw.splice(pattern, 1)
    return [spliced(failed, 0, raw.length + 1, [...raw, file!].join(" "))]
  },
  {
    asks: (failed, dir) => {
      const at = operands(failed)[0]
      return at === undefined ? [] : [kindsOf(dir, [failed.words[at]!])]
    },
  },
)

export const sedUnterminated = rule(
  "sed-unterminated",
  { program: "sed", says: /unterminated [`'‘]s['’] command/ },
  (failed) => {
    const line = failed.words.reduce((text, word, at) => {
      const script = /^(?:-e)?s(.)/.exec(word)
      if (at === 0 || script === null) return text
      const mark = script[1]!
      const body = word.replace(/\\./g, "")
      if (body.split(mark).length !== 3 || body.endsWith(mark)) return text
      const raw = failed.line.slice(failed.part[at]!.start, failed.part[at]!.end)
      const quote = /['"]$/.exec(raw)?.[0] ?? ""
      return text.replace(raw, () => `${raw.slice(0, raw.length - quote.length)}${mark}${quote}`)
    }, failed.line)
    return line === failed.line ? [] : [line]
  },
)

/** `open example.com`: an address, or something that has to be made first. */
export const openAddress = rule(
  "open-address",
  { program: "open xdg-open gnome-open kde-open" },
  (failed) => {
    const at = operandAt(failed.words)
    const word = failed.words[at]
    if (word === undefined) return []
    const isAbsent = absent.test(failed.output)
    if (
      (isAbsent || failed.output.trim() === "") &&
      /^[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|edu|gov|de|uk|info|dev|app|ru|in|me|ly|co|ai|se)(?:[/:?#]\S*)?$/i.test(
        word,
      )
    )
      return [insertBefore(failed.line, failed.part[at]!.start, "http://")]
    return isAbsent && plain(word) !== null
      ? [preceded(failed, `touch ${plain(word)}`), preceded(failed, `mkdir ${plain(word)}`)]
      : []
  },
)

const insertBefore = (line: string, at: number, text: string): string =>
  line.slice(0, at) + text + line.slice(at)

export const listAll = rule(
  "list-all",
  { program: "ls" },
  (failed) =>
    failed.words.some((word) => word.startsWith("-")) || failed.output.trim() !== "" || !failed.seen
      ? []
      : [...withOption(failed, 0, "-lah"), ...withOption(failed, 0, "-A")],
  { notOffered: true },
)
