/**
 * The names of one folder's files, packed into one string while nothing changes (about the bytes of the names
 * themselves) and opened into a set while names come and go. Names hold no `/`, so it separates them.
 */
export class Listing {
  #packed: string
  #open: Set<string> | null = null

  private constructor(packed: string) {
    this.#packed = packed
  }

  static of(names: Iterable<string>): Listing {
    const joined = [...names].join("/")
    return new Listing(joined === "" ? "" : `/${joined}/`)
  }

  has(name: string): boolean {
    return this.#open === null ? this.#packed.includes(`/${name}/`) : this.#open.has(name)
  }

  /** True where it was not there before. */
  add(name: string): boolean {
    if (this.has(name)) return false
    this.#opened().add(name)
    return true
  }

  /** True where it was there. */
  delete(name: string): boolean {
    return this.has(name) && this.#opened().delete(name)
  }

  names(): ReadonlyArray<string> {
    return this.#open === null ? this.#packed.split("/").filter((name) => name !== "") : [...this.#open]
  }

  pack(): void {
    if (this.#open === null) return
    const joined = [...this.#open].join("/")
    this.#packed = joined === "" ? "" : `/${joined}/`
    this.#open = null
  }

  #opened(): Set<string> {
    this.#open ??= new Set(this.names())
    this.#packed = ""
    return this.#open
  }
}
