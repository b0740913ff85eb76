/**
 * Where Anthropic's cache marks go. A mark writes the prefix that ends at it; a later request reads the longest written prefix
 * that ends at one of its own marks or at most twenty blocks before.
 * Invariants: at most four; the last message always has one; so has the place where the request before this one ended, so
 * that its cache is found however many blocks one answer and its results added.
 */

export interface Places {
  readonly tools: number
  readonly system: number
  /** For each message, whether it is the user's, and the index of the last block that can bear a mark; -1: none can. */
  readonly messages: ReadonlyArray<{ readonly user: boolean; readonly markable: number }>
  /** How many of `messages` stay the same until compaction. */
  readonly stable: number
}

export interface Marks {
  readonly tools: boolean
  readonly system: boolean
  /** Indexes of messages. */
  readonly messages: ReadonlyArray<number>
}

const lastMarkable = (messages: Places["messages"], before: number, userOnly: boolean): number => {
  for (let at = before - 1; at >= 0; at--)
    if (messages[at]!.markable >= 0 && (!userOnly || messages[at]!.user)) return at
  return -1
}

export const cacheMarks = ({ messages, stable, system, tools }: Places): Marks => {
  const last = lastMarkable(messages, messages.length, false)
  const assistant = messages.findLastIndex(({ user }) => !user)
  const before = assistant < 0 ? -1 : lastMarkable(messages, assistant, true)
  const kept = lastMarkable(messages, Math.min(stable, messages.length), false)
  const room = system > 0 ? 3 : 4
  const chosen = [...new Set([last, before, kept])].filter((at) => at >= 0).slice(0, room)
  return {
    // The system's prefix holds the tools, so theirs is the first to go.
    tools: tools > 0 && chosen.length + (system > 0 ? 1 : 0) < 4,
    system: system > 0,
    messages: chosen.sort((one, other) => one - other),
  }
}
