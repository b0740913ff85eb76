/**
 * Which text may be shown as it is. Longer lines and stacks of combining marks than any honest text has count as
 * hostile too, because they flood or hide what stands beside them.
 */
import { isHarmless } from "../../src/domain/neutralise.ts"

const longestLine = 10_000
const stackedMarks = /\p{M}{9}/u

/** Joiners and selectors inside emoji change nothing but the picture. */
const insideEmoji =
  /(?<=\p{Extended_Pictographic}[\ufe0f\p{Emoji_Modifier}]?)\u200d(?=\p{Extended_Pictographic})|(?<=\p{Emoji})\ufe0f/gu

/** New lines and tabs are fine; everything else must need no neutralising. */
export const isPresentable = (text: string): boolean =>
  isHarmless(text.replace(/[\n\t]/g, "").replace(insideEmoji, "")) &&
  !stackedMarks.test(text) &&
  text.split("\n").every((line) => line.length <= longestLine)

/** Loads something from elsewhere when it is rendered: Markdown images, HTML that fetches. */
export const remoteContent = (text: string): boolean =>
  /!\[[^\]]*\]\(\s*<?[a-z][a-z0-9+.-]*:|<\s*(?:img|iframe|script|link|object|embed|video|audio|source|svg)\b/i.test(
    text,
  ) || /\]\(\s*<?https?:\/\/[^)\s]*\?[^)\s]*=/i.test(text)
