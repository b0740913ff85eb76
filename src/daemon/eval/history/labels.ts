/**
 * Which commits were not finished: the same author's next commit comes within half an hour and touches a same file.
 * And how long was worked, as far as commits tell. Pure.
 */
import type { Point } from "./commitsOf.ts"

const fixedWithinMs = 30 * 60_000

/** Says of itself that it mends the one before. */
const fixUp =
  /^(?:fixup!|squash!|amend!|oops|whoops|forgot|revert\b|lint\b|fmt\b|format\b|typo|clippy|fix (?:the )?(?:lint|fmt|format\w*|typos?|tests?|build|ci|clippy|compil\w+|import\w*|missing)|(?:remove|rm) (?:debug|console|print)\w*)/i

export interface Label {
  /** The same author's next commit within half an hour, whatever it touches. */
  readonly next: Point | null
  /** It touches a same file: this one was not finished. */
  readonly unfinished: boolean
  /** And its subject says so. */
  readonly said: boolean
}

export const labelsOf = (points: ReadonlyArray<Point>): ReadonlyMap<Point, Label> => {
  const labels = new Map<Point, Label>()
  const newest = new Map<string, Point>()
  for (const point of points) {
    const before = newest.get(point.author)
    newest.set(point.author, point)
    labels.set(point, { next: null, unfinished: false, said: false })
    if (before === undefined || point.atMs - before.atMs > fixedWithinMs) continue
    const files = new Set(before.files)
    const unfinished = point.files.some((file) => files.has(file))
    labels.set(before, { next: point, unfinished, said: unfinished && fixUp.test(point.subject) })
  }
  return labels
}

/** A commit ends at least so much work, and between two less than an hour apart was worked. */
const firstMs = 15 * 60_000
const oneSittingMs = 60 * 60_000

/** Hours of work behind these commits: rather too few than too many. */
export const workedHours = (points: ReadonlyArray<Point>): number => {
  const newest = new Map<string, number>()
  let worked = 0
  for (const { atMs, author } of points) {
    const before = newest.get(author)
    newest.set(author, atMs)
    const gap = before === undefined ? Number.POSITIVE_INFINITY : atMs - before
    worked += gap <= oneSittingMs ? gap : firstMs
  }
  return worked / 3_600_000
}
