/**
 * Facts that git changes in more than one step (refs, operation, conflict, the repository itself) are stated only when
 * two looks some time apart saw the same: between them lies no half-done transaction. Facts that come from one
 * atomic write (a reflog line, the index) need no settling.
 */
export class Settling {
  readonly #pending = new Map<string, { readonly value: string; readonly sinceMs: number }>()
  readonly #seen = new Set<string>()
  readonly #settleMs: number

  constructor(settleMs: number) {
    this.#settleMs = settleMs
  }

  begin(): void {
    this.#seen.clear()
  }

  /** True once this value was seen for long enough; the fact then counts as stated. */
  settled(key: string, value: string, nowMs: number): boolean {
    const pending = this.#pending.get(key)
    if (pending?.value === value && nowMs - pending.sinceMs >= this.#settleMs) {
      this.#pending.delete(key)
      return true
    }
    this.#seen.add(key)
    if (pending?.value !== value) this.#pending.set(key, { value, sinceMs: nowMs })
    return false
  }

  /** Forgets what this look did not ask about any more; true if something still has to settle. */
  end(): boolean {
    for (const key of this.#pending.keys()) if (!this.#seen.has(key)) this.#pending.delete(key)
    return this.#pending.size > 0
  }
}
