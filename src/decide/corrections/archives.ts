/** Archives unpacked right here: into a folder of their own instead. They did not fail, so nothing is offered. */
import { insertedAfter, plain } from "./Correction.ts"
import { rule } from "./rule.ts"

const failedToRead = /not found|no such|cannot|error|unexpected|not in gzip/i

const tarEnding = /\.(?:tar(?:\.(?:gz|bz2|xz|lz|lzma|lzo|zst|Z))?|tgz|taz|tbz2?|tb2|tz2?|txz|tlz|tzst)$/

export const unpackTar = rule(
  "unpack-tar-apart",
  { program: "tar bsdtar gtar", typed: /^(?:-?[A-Za-z]*x[A-Za-z]*\b|--extract\b|--get\b)/ },
  (failed) => {
    const { words, output } = failed
    if (
      failedToRead.test(output) ||
      words.some((word) => /^(?:-C|--directory(?:=.*)?|--one-top-level.*)$/.test(word))
    )
      return []
    const archive = words.find((word, at) => at > 1 && tarEnding.test(word))
    const folder = archive === undefined ? null : plain(archive.replace(tarEnding, ""))
    return folder === null
      ? []
      : [`mkdir -p ${folder} && ${insertedAfter(failed, failed.part.length - 1, `-C ${folder}`)}`]
  },
  { notOffered: true },
)

export const unpackZip = rule(
  "unpack-zip-apart",
  { program: "unzip" },
  (failed) => {
    const { words, output } = failed
    if (failedToRead.test(output) || words.some((word) => /^-[dlptvZz]/.test(word))) return []
    const archive = words.find((word, at) => at > 0 && !word.startsWith("-"))
    const folder = archive === undefined ? null : plain(archive.replace(/\.zip$/i, ""))
    return folder === null ? [] : [insertedAfter(failed, failed.part.length - 1, `-d ${folder}`)]
  },
  { notOffered: true },
)
