/**
 * A made user's hidden taste: how likely a suggestion is kept, by its rule, where it is made and at which moment it
 * comes. Nobody but the user knows it; what is measured is whether attention comes to act as if it did.
 */
import { type Random, seeded } from "../random.ts"

interface Taste {
  readonly share: number
  readonly low: number
  readonly high: number
}

/**
 * Of the rules as they reach a user: wanted, not always, hardly ever. So drawn that about three in four suggestions
 * would be kept if all were shown, which is what the best assistants reach in the field.
 */
const tastes: ReadonlyArray<Taste> = [
  { share: 0.8, low: 0.93, high: 0.99 },
  { share: 0.12, low: 0.5, high: 0.75 },
  { share: 0.08, low: 0.05, high: 0.2 },
]
/** There, or then, a rule that is liked elsewhere is not. */
const elsewhere = { share: 0.1, times: 0.15 }
const otherMoment = { share: 0.08, times: 0.3 }

const hash = (text: string): number => {
  let value = 2_166_136_261
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 16_777_619)
  return value >>> 0
}

export interface Asked {
  readonly rule: string
  readonly workspace: string | null
  readonly moment: string
  readonly urgent: boolean
}

export class Preferences {
  readonly #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  #of(text: string): Random {
    return seeded(hash(`${this.#seed} ${text}`))
  }

  /** Rules to which this user's taste differs by place or moment begin with the same draw everywhere. */
  keeps({ moment, rule, urgent, workspace }: Asked): number {
    // what is urgent is so because hardly anybody does not want it
    if (urgent) return 0.95
    const random = this.#of(rule)
    let left = random.share()
    const taste = tastes.find(({ share }) => (left -= share) < 0) ?? tastes[0]!
    const own = taste.low + (taste.high - taste.low) * random.share()
    const here = this.#of(`${rule} in ${workspace ?? ""}`).chance(elsewhere.share) ? elsewhere.times : 1
    const now = this.#of(`${rule} at ${moment}`).chance(otherMoment.share) ? otherMoment.times : 1
    return own * here * now
  }
}
