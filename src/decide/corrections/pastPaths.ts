/**
 * Paths of the home folder and of the machine that are not there. Nothing is listed outside a workspace, so what they
 * were to be is told only by the paths of the user's own commands that went well.
 */
import { type Correction, type Failed, type Known, replaced } from "./Correction.ts"
import { folders } from "./mistypedPaths.ts"
import { closest } from "./rank.ts"
import { above } from "./rule.ts"

const absent = /No such file or directory|does not exist|cannot access|not a directory/i
const far = /^~?\/[\w.@+-]+(?:\/[\w.@+-]+)*\/?$/

/** A shell puts the home folder in the place of the tilde before anybody says that it is not there. */
const isSaidAbsent = ({ output }: Failed, path: string): boolean =>
  output.split("\n", 50).some((line) => absent.test(line) && line.includes(path.replace(/^~|\/+$/g, "")))

const wrong = (failed: Failed): ReadonlyArray<number> =>
  failed.words.flatMap((word, at) => (at > 0 && far.test(word) && isSaidAbsent(failed, word) ? [at] : []))

/** The shortest beginning of the path that no command had, as one that had it. */
const likeBefore = (path: string, had: ReadonlySet<string>): ReadonlyArray<string> => {
  for (const folder of folders(path).toReversed()) {
    if (had.has(folder) || !/\/./.test(folder)) continue
    const place = `${above(folder)}/`
    const besides = [...had].flatMap((each) =>
      `${above(each)}/` === place ? [each.slice(place.length)] : [],
    )
    return closest(folder.slice(place.length), besides, { cutoff: 0.7 }).map(
      (near) => `${place}${near}${path.slice(folder.length)}`,
    )
  }
  return []
}

const pathsHad = ({ memory }: Known): ReadonlySet<string> =>
  new Set(
    memory.commands
      .filter(({ exit }) => exit === 0)
      .flatMap(({ command }) => command.split(/\s+/).slice(1))
      .filter((word) => far.test(word))
      .flatMap(folders),
  )

export const pathLikeBefore: Correction = {
  name: "path-like-before",
  applies: (failed) => failed.seen && wrong(failed).length > 0,
  correct: (failed, known) => {
    const had = pathsHad(known)
    return wrong(failed).flatMap((at) =>
      likeBefore(failed.words[at]!, had).map((near) => replaced(failed, at, near)),
    )
  },
}
