/** What a starting daemon says while it reads a long log anew, and how whoever waits for it reads that. Pure. */

export const sayFoldProgress = (done: number, total: number): string =>
  `reads the log anew: ${done} of ${total} events`

/** The newest such word in a daemon's output; null where there is none. */
export const readFoldProgress = (
  output: string,
): { readonly done: number; readonly total: number } | null => {
  const found = [...output.matchAll(/reads the log anew: (\d+) of (\d+) events/g)].at(-1)
  return found === undefined ? null : { done: Number(found[1]), total: Number(found[2]) }
}
