/**
 * Checks what speaks for a log besides its chain: its signed checkpoints, its tiles, and what anchors kept. A step at a
 * time. A fault is a report, never an error. Says nothing about payloads and links: that is `verify`.
 */
import type { Backend } from "../Backend.ts"
import type { StoredHead } from "../records.ts"
import { type Evidence, judgeEvidence, type Logged, type ProofReport, sizesOf } from "./evidence.ts"
import { loggedIn } from "./logged.ts"
import { RootsPass } from "./RootsPass.ts"

const failed = (seq: number, message: string): ProofReport => ({
  checkpoints: 0,
  newest: null,
  keys: [],
  anchors: [],
  failure: { seq, message },
})

export class Audit {
  readonly #backend: Backend
  readonly #head: StoredHead
  readonly #evidence: Evidence
  #logged: Logged | undefined
  #pass: RootsPass | undefined
  #report: ProofReport | undefined

  constructor(backend: Backend, head: StoredHead, evidence: Evidence) {
    this.#backend = backend
    this.#head = head
    this.#evidence = evidence
  }

  get report(): ProofReport | undefined {
    return this.#report
  }

  step(): void {
    try {
      const logged = (this.#logged ??= loggedIn(this.#backend, this.#head))
      const pass = (this.#pass ??= new RootsPass(this.#backend, sizesOf(logged, this.#evidence)))
      if (!pass.done) return pass.step()
      const judged = judgeEvidence(logged, this.#evidence, pass.roots)
      this.#report = { ...judged, failure: judged.failure ?? pass.fault }
    } catch (error) {
      this.#report = failed(0, error instanceof Error ? error.message : String(error))
    }
  }
}
