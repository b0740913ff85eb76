/** The ways a page of a log's file can be wrong, numbered, and what is asked of each. */

export const mapSize = 2 ** 30
export const pageSize = 4096
const kindNames = ["zeros", "noise", "bit", "cut", "swap", "old"] as const
export type PageKind = (typeof kindNames)[number]

export interface PageCase {
  readonly kind: PageKind
  readonly page: number
  /** Of a random thing: which one. */
  readonly salt: number
}

export interface PageResult {
  readonly n: number
  /** What the daemon's look before opening says, and what a full verification says. */
  readonly quick: boolean
  readonly full: boolean
  readonly at: number | null
  readonly head: number
  /** Events that a reader was shown otherwise than they are. */
  readonly wrong: ReadonlyArray<number>
  readonly readError: string | null
  readonly recovered: {
    readonly events: number
    readonly lost: number
    readonly wrong: ReadonlyArray<number>
    readonly error: string | null
  } | null
}

/** Case `n` of `kinds`, a list such as `zeros,bit`: every page in turn, with each kind. */
export const caseOf = (kinds: string, n: number, size: number): PageCase => {
  const names = kinds.split(",") as ReadonlyArray<PageKind>
  const pages = size / pageSize
  return { kind: names[n % names.length]!, page: Math.floor(n / names.length) % pages, salt: n }
}

const hashed = (salt: number): number => Math.imul(salt + 1, 2_654_435_761) >>> 0

/** Does it to the bytes of the file; answers the length to cut it to. */
export const damage = (bytes: Buffer, { kind, page, salt }: PageCase): number | null => {
  const from = page * pageSize
  const to = from + pageSize
  switch (kind) {
    case "zeros":
      bytes.fill(0, from, to)
      return null
    case "noise":
      for (let at = from; at < to; at++) bytes[at] = hashed(salt * pageSize + at) >>> 16
      return null
    case "bit": {
      const at = from + (hashed(salt) % pageSize)
      bytes[at] = bytes[at]! ^ (1 << (hashed(salt + 7) % 8))
      return null
    }
    case "cut":
      return from + (hashed(salt) % pageSize)
    case "swap": {
      const other = (hashed(salt) % (bytes.length / pageSize)) * pageSize
      const mine = Buffer.from(bytes.subarray(from, to))
      bytes.copy(bytes, from, other, other + pageSize)
      mine.copy(bytes, other)
      return null
    }
    case "old": {
      // A write that went to the page before.
      const other = Math.max(from - pageSize, 0)
      bytes.copy(bytes, from, other, other + pageSize)
      return null
    }
  }
}
