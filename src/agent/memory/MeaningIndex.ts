/**
 * Finds the vectors that point where another one does. A cache of what the log holds: it can be thrown away at any time.
 * Invariants: all vectors in it have the same dimensions; what does not stand out from the rest is not near, however many
 * are asked for; the same vectors and the same question give the same answer in the same order.
 */

export interface Near {
  readonly id: string
  /** How far it stands out: only good for comparing. */
  readonly score: number
}

/** So many are all looked at closely; of more, those whose signs are most alike. */
const closely = 2_000
const candidates = 256
/** Vectors that say how near any text is to any other. */
const sampled = 512
/** With fewer it cannot be told from themselves what stands out. */
const tellingCount = 8
/** Of the way from how alike few are to each other, to the very same. */
const nearerBy = 0.25

const onesIn = (word: number): number => {
  let n = word - ((word >>> 1) & 0x55555555)
  n = (n & 0x33333333) + ((n >>> 2) & 0x33333333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** How alike any two are, and from where on one stands out. */
interface Standing {
  readonly usual: number
  readonly bar: number
}

const lengthOf = (vector: Int8Array): number => {
  let sum = 0
  for (const member of vector) sum += member * member
  return Math.sqrt(sum)
}

const middle = (sorted: Float64Array): number => sorted[sorted.length >> 1]!

/**
 * Above it the greatest of so many that are not near would seldom be: the universal threshold of D. L. Donoho and
 * I. M. Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81 (1994), with the spread taken from the
 * median deviation as there.
 */
const outstanding = (likeness: Float64Array, count: number): Standing => {
  const usual = middle(likeness.toSorted())
  const spread = middle(likeness.map((one) => Math.abs(one - usual)).sort()) / 0.6745
  return { usual, bar: usual + spread * Math.sqrt(2 * Math.log(count)) }
}

export class MeaningIndex {
  #dimensions = 0
  #words = 0
  #ids: Array<string> = []
  readonly #rows = new Map<string, number>()
  #vectors = new Int8Array(0)
  #signs = new Int32Array(0)
  #lengths = new Float64Array(0)

  /** 0: it holds nothing. */
  get dimensions(): number {
    return this.#dimensions
  }
  get size(): number {
    return this.#ids.length
  }
  has(id: string): boolean {
    return this.#rows.has(id)
  }

  clear(): void {
    this.#dimensions = 0
    this.#ids = []
    this.#rows.clear()
    this.#vectors = new Int8Array(0)
    this.#signs = new Int32Array(0)
    this.#lengths = new Float64Array(0)
  }

  /** Vectors of another size than those before are of another model: those go. */
  put(id: string, vector: Int8Array): void {
    if (vector.length !== this.#dimensions) {
      this.clear()
      this.#dimensions = vector.length
      this.#words = Math.ceil(vector.length / 32)
    }
    let row = this.#rows.get(id)
    if (row === undefined) {
      row = this.#ids.push(id) - 1
      this.#rows.set(id, row)
      this.#grow(row + 1)
    }
    this.#vectors.set(vector, row * this.#dimensions)
    this.#signs.set(this.#signsOf(vector), row * this.#words)
    this.#lengths[row] = lengthOf(vector)
  }

  /** Keeps what holds. */
  keep(holds: (id: string) => boolean): void {
    for (let row = this.#ids.length - 1; row >= 0; row--) if (!holds(this.#ids[row]!)) this.#drop(row)
  }

  #grow(rows: number): void {
    if (this.#lengths.length >= rows) return
    const room = Math.max(64, rows * 2)
    const grown = <A extends Int8Array | Int32Array | Float64Array>(to: A, from: A): A => {
      to.set(from)
      return to
    }
    this.#vectors = grown(new Int8Array(room * this.#dimensions), this.#vectors)
    this.#signs = grown(new Int32Array(room * this.#words), this.#signs)
    this.#lengths = grown(new Float64Array(room), this.#lengths)
  }

  /** The last one takes its place. */
  #drop(row: number): void {
    const last = this.#ids.length - 1
    const [size, words] = [this.#dimensions, this.#words]
    this.#rows.delete(this.#ids[row]!)
    if (row !== last) {
      this.#ids[row] = this.#ids[last]!
      this.#rows.set(this.#ids[row]!, row)
      this.#vectors.copyWithin(row * size, last * size, (last + 1) * size)
      this.#signs.copyWithin(row * words, last * words, (last + 1) * words)
      this.#lengths[row] = this.#lengths[last]!
    }
    this.#ids.pop()
    this.#vectors.fill(0, last * size, (last + 1) * size)
    this.#signs.fill(0, last * words, (last + 1) * words)
  }

  #signsOf(vector: Int8Array): Int32Array {
    const signs = new Int32Array(this.#words)
    for (let n = 0; n < vector.length; n++) if (vector[n]! > 0) signs[n >> 5]! |= 1 << (n & 31)
    return signs
  }

  #likeness(row: number, vector: Int8Array, length: number): number {
    const from = row * this.#dimensions
    let sum = 0
    for (let n = 0; n < vector.length; n++) sum += this.#vectors[from + n]! * vector[n]!
    return sum / (this.#lengths[row]! * length)
  }

  /** All rows, those first whose signs differ least from these. */
  #bySigns(vector: Int8Array): Uint32Array {
    const signs = this.#signsOf(vector)
    const words = this.#words
    const count = this.#ids.length
    const differences = new Uint16Array(count)
    const starts = new Uint32Array(this.#dimensions + 2)
    for (let row = 0; row < count; row++) {
      const from = row * words
      let ones = 0
      for (let n = 0; n < words; n++) ones += onesIn(this.#signs[from + n]! ^ signs[n]!)
      differences[row] = ones
      starts[ones + 1]!++
    }
    for (let n = 1; n < starts.length; n++) starts[n]! += starts[n - 1]!
    const rows = new Uint32Array(count)
    for (let row = 0; row < count; row++) rows[starts[differences[row]!]!++] = row
    return rows
  }

  #candidates(vector: Int8Array, here: (id: string) => boolean): ReadonlyArray<number> {
    if (this.#ids.length <= closely) return [...this.#ids.keys()].filter((row) => here(this.#ids[row]!))
    const rows: Array<number> = []
    for (const row of this.#bySigns(vector)) {
      if (here(this.#ids[row]!)) rows.push(row)
      if (rows.length === candidates) break
    }
    return rows
  }

  /** What is usual is told by all of them, wherever they hold. */
  #standing(like: (row: number) => number): Standing {
    const size = this.#ids.length
    if (size < tellingCount) return this.#few()
    const count = size <= closely ? size : sampled
    const sample = Float64Array.from({ length: count }, (_, at) => like(Math.floor((at * size) / count)))
    return outstanding(sample, size)
  }

  /** One alone has nothing to stand out from. */
  #few(): Standing {
    const rows = [...this.#ids.keys()]
    const pairs = rows.flatMap((one) =>
      rows.slice(one + 1).map((other) => {
        const from = other * this.#dimensions
        const vector = this.#vectors.subarray(from, from + this.#dimensions)
        return this.#likeness(one, vector, this.#lengths[other]!)
      }),
    )
    if (pairs.length === 0) return { usual: 0, bar: 1 }
    const usual = pairs.reduce((sum, one) => sum + one, 0) / pairs.length
    return { usual, bar: usual + (1 - usual) * nearerBy }
  }

  /** The nearest first, of those that `here` holds for. */
  near(vector: Int8Array, here: (id: string) => boolean, most: number): ReadonlyArray<Near> {
    if (this.#ids.length === 0 || vector.length !== this.#dimensions) return []
    const length = lengthOf(vector)
    const like = (row: number): number => this.#likeness(row, vector, length)
    const { bar, usual } = this.#standing(like)
    return this.#candidates(vector, here)
      .map((row) => ({ id: this.#ids[row]!, score: like(row) - usual }))
      .filter(({ score }) => score > 0 && score + usual > bar)
      .sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
      .slice(0, most)
  }
}
