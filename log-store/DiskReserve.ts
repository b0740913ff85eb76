/**
 * Keeps disk blocks for the next commit allocated behind the data file's last page, so that a full disk is met here, by
 * a plain write that fails cleanly, and not inside LMDB, where a failed page write corrupts the heap (its message
 * overflows a buffer of 100 bytes) and a failed meta page leaves the environment dead. A full map is met here too.
 * Invariant: only bytes behind the end of the file are ever written, and only while no commit is in flight.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs"

const page = 4096
const smallStep = 4 * 2 ** 20
const largeStep = 8 * 2 ** 20
const smallNeed = 2 ** 19
const largePiece = 2 ** 20

export class DiskReserve {
  readonly #fd: number
  readonly #mapSize: number
  #size: number
  /** More than is in use once the commits asked for are done. */
  #most = Number.POSITIVE_INFINITY

  constructor(path: string, mapSize: number) {
    this.#mapSize = mapSize
    this.#fd = openSync(path, "r+")
    this.#size = fstatSync(this.#fd).size
  }

  /**
   * Makes sure that `need` bytes behind those in use have their blocks. Throws where they cannot be had. Asking how
   * many are in use is dear, and a commit uses no more than it needed: so it is asked only where that is not enough.
   */
  ensure(usedBytes: () => number, need: number): void {
    this.#most += need
    if (this.#most <= this.#size) return
    const used = usedBytes()
    this.#most = used + need
    if (this.#most <= this.#size) return
    this.#size = fstatSync(this.#fd).size
    const wanted = used + need
    if (wanted > this.#mapSize) throw new Error("No space left in the addresses that its file is mapped to")
    if (wanted <= this.#size) return
    const step = Math.min(Math.max(smallStep, Math.floor(used / 8)), largeStep)
    // The step where there is room for it, else what is needed and no more.
    const piece = need < smallNeed ? page : largePiece
    if (!this.#grow(Math.min(wanted + step, this.#mapSize), piece)) this.#growOrThrow(wanted, piece)
  }

  #grow(to: number, piece: number): boolean {
    try {
      this.#growOrThrow(to, piece)
      return true
    } catch {
      return false
    }
  }

  /**
   * What is written in one piece the kernel caches as one, and writes back as one, whichever page of it changes: dear
   * where commits are small, and cheaper where they are large.
   */
  #growOrThrow(to: number, piece: number): void {
    const end = Math.ceil(to / page) * page
    if (end <= this.#size) return
    const zeros = Buffer.alloc(piece)
    while (this.#size < end) {
      const length = Math.min(piece, end - this.#size)
      this.#size += writeSync(this.#fd, zeros, 0, length, this.#size)
    }
  }

  /** Gives back what lies behind so many bytes. */
  cutTo(bytes: number): void {
    ftruncateSync(this.#fd, bytes)
    this.#size = bytes
    this.#most = Number.POSITIVE_INFINITY
  }

  close(): void {
    closeSync(this.#fd)
  }
}
