/**
 * How a user writes quiet hours: `22:00-07:30`, `mon-fri 12:00-13:00`, `sat,sun 00:00-24:00`. Times are of the wall
 * clock; hours that end before they begin go past midnight.
 */
export interface QuietHours {
  /** 0: Monday. The days on which they begin. */
  readonly days: ReadonlyArray<number>
  /** Minutes since midnight. */
  readonly from: number
  readonly to: number
}

const names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
const day = `(?:${names.join("|")})`
const time = String.raw`(?:[01]\d|2[0-3]):[0-5]\d`
export const quietHoursPattern = new RegExp(
  `^(?:(${day}(?:-${day})?(?:,${day}(?:-${day})?)*) )?(${time})-(${time}|24:00)$`,
)

const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const daysOf = (text: string): ReadonlyArray<number> =>
  text.split(",").flatMap((part) => {
    const [first, last = first] = part.split("-")
    const from = names.indexOf(first!)
    const many = (names.indexOf(last!) - from + 7) % 7
    return Array.from({ length: many + 1 }, (_, index) => (from + index) % 7)
  })

/** Null where it is not of the form. */
export const parseQuietHours = (text: string): QuietHours | null => {
  const match = quietHoursPattern.exec(text)
  if (match === null) return null
  const [, on, from, to] = match
  return { days: daysOf(on ?? "mon-sun"), from: minutesOf(from!), to: minutesOf(to!) }
}
