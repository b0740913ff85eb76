/** Two previews of one action as a unified diff, bounded; null where they are the same. Pure. */
import { createTwoFilesPatch } from "diff"

const maxText = 64 * 1024

const bounded = (text: string): string =>
  text.length > maxText ? `${text.slice(0, maxText)}\n[cut]\n` : text

export const previewDifference = (shown: string | null, now: string | null): string | null => {
  if (shown === now) return null
  const patch = createTwoFilesPatch(
    "as it was shown",
    "as it would be now",
    bounded(shown ?? ""),
    bounded(now ?? ""),
    undefined,
    undefined,
    { context: 2, maxEditLength: 4000, timeout: 200 },
  ) as string | undefined
  // too different to be told line by line: all of it is new
  return patch === undefined ? bounded(now ?? "") : bounded(patch.replace(/^=+\n/, ""))
}
