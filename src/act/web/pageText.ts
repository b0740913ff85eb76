/**
 * What of a page is shown: HTML as Markdown, text and JSON as they are, everything else only by its size. Bounded.
 * Invariant: what comes out is text an outsider wrote; the lines this module writes itself come before it.
 */
import { neutralise } from "../../domain/neutralise.ts"
import { decodePage } from "./charset.ts"
import type { Page } from "./fetchPage.ts"
import type { PageTask } from "./pageWorker.ts"
import { plainText } from "./plainText.ts"
import type { Readable } from "./readable.ts"

export interface PageText {
  /** Said before the content: how it was read, what is missing. */
  readonly notes: ReadonlyArray<string>
  readonly content: string
}

const maxText = 512 * 1024

const textTypes =
  /^(?:text\/|application\/(?:json|xml|javascript|ecmascript|x-javascript|x-yaml|yaml|toml|sql|graphql|x-sh|x-ndjson|ld\+json|problem\+json)$|[a-z]+\/[a-z0-9.-]+\+(?:json|xml|yaml)$)/
const htmlTypes = new Set(["text/html", "application/xhtml+xml"])

const mediaType = (type: string | null): string => (type ?? "").split(";")[0]!.trim().toLowerCase()

const looksLikeHtml = (bytes: Uint8Array): boolean =>
  /^\s*(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body)\b/i.test(
    Buffer.from(bytes.subarray(0, 512))
      .toString("latin1")
      .replace(/^\xef\xbb\xbf/, ""),
  )

const marked = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)

const isBinary = (bytes: Uint8Array, media: string): boolean => {
  if (media !== "" && !textTypes.test(media) && !htmlTypes.has(media)) return true
  return bytes.subarray(0, 8192).includes(0) && !marked(bytes) && !/utf-?16/i.test(media)
}

const bounded = (text: string): PageText =>
  text.length <= maxText
    ? { notes: [], content: text }
    : {
        notes: [`cut: ${text.length} characters, the first ${maxText} follow`],
        content: text.slice(0, maxText),
      }

export const pageText = async (
  page: Page,
  makeReadable: (task: PageTask) => Promise<Readable>,
): Promise<PageText> => {
  const media = mediaType(page.type)
  const named = neutralise((page.type ?? "no type given").slice(0, 100))
  const { bytes } = page
  if (bytes.length === 0) return { notes: [`${named}, empty`], content: "" }
  if (isBinary(bytes, /charset\s*=\s*"?utf-?16/i.test(page.type ?? "") ? "text/utf-16" : media)) {
    return { notes: [`${named}: binary, ${bytes.length} bytes, not shown`], content: "" }
  }
  const html = htmlTypes.has(media) || ((media === "" || media === "text/plain") && looksLikeHtml(bytes))
  const { text, note } = decodePage(bytes, page.type ?? "", html)
  const coding = note === null ? [] : [note]
  if (!html) {
    const { notes, content } = bounded(text)
    return { notes: [named, ...coding, ...notes], content }
  }
  const found = await makeReadable({ html: text, url: page.url })
  if ("problem" in found || found.markdown === "") {
    const why = "problem" in found ? found.problem : "no text was found in it"
    const { notes, content } = bounded(plainText(text))
    return {
      notes: [`${named}, as its bare text: ${neutralise(why.slice(0, 200))}`, ...coding, ...notes],
      content,
    }
  }
  const { notes, content } = bounded(found.markdown)
  const title = found.title === "" ? "" : `# ${found.title.replace(/\s+/g, " ").slice(0, 300)}\n\n`
  return { notes: [`${named}, as Markdown`, ...coding, ...notes], content: `${title}${content}` }
}
