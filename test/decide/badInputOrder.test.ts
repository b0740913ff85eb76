/**
 * What one act of a developer makes several sources say may be told in any order, and twice: the same is suggested, and
 * nothing of it twice.
 */
import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { draft, type EventDraft } from "../../src/domain/event.ts"
import { branch, command, Driver, saved, stagedEvent, stagedLines } from "./driver.ts"

const from = { actor: "source:test", workspace: "/w", trust: "untrusted" } as const
const fakeKey = ["AKIA", "Z7QK3M5N2P4R6S8T"].join("")

type Act = (driver: Driver, nth: number) => ReadonlyArray<EventDraft>

const acts = {
  mistypes: (driver, nth) => [draft("terminal.command", command(driver, `git stauts ${nth}`, 1), from)],
  fails: (driver) => [draft("terminal.command", command(driver, "npm test", 1), from)],
  passes: (driver) => [draft("terminal.command", command(driver, "npm test", 0), from)],
  saves: () => [draft("fs.changed", saved("src/a.ts"), from)],
  installs: (driver) => [
    draft("fs.changed", saved("package-lock.json"), from),
    draft("terminal.command", command(driver, "npm install", 0), from),
  ],
  stages: (driver) => {
    const event = stagedEvent("a.js")
    return [
      draft("fs.changed", saved("a.js"), from),
      draft("git.staged", event, from),
      draft("terminal.command", command(driver, "git add .", 0), from),
    ]
  },
  commits: (driver, nth) => [
    draft(
      "git.commit",
      { sha: String(nth).padStart(40, "0"), parents: [], branch: "feature", subject: "x", files: ["a.js"] },
      from,
    ),
    draft("git.staged", { files: [], count: 0, truncated: false, index: `empty-${nth}` }, from),
    draft("terminal.command", command(driver, "git commit -m x", 0), from),
  ],
  switches: (driver, nth) => [
    draft(
      "git.checkout",
      {
        from: "a".repeat(40),
        to: String(nth).padStart(40, "b"),
        fromBranch: nth % 2 === 0 ? "main" : "feature",
        branch: nth % 2 === 0 ? "feature" : "main",
        subject: "checkout",
        files: ["src/b.ts", "package-lock.json"],
      },
      from,
    ),
    draft("fs.changed", saved("src/b.ts", "package-lock.json"), from),
    draft("terminal.command", command(driver, "git switch x", 0), from),
  ],
} satisfies Record<string, Act>

interface Told {
  readonly act: keyof typeof acts
  /** Where each of its observations stands among them. */
  readonly order: ReadonlyArray<number>
  /** Which of them is said a second time, and how long after the first. */
  readonly again: number
  readonly laterMs: number
}

const told: fc.Arbitrary<Told> = fc.record({
  act: fc.constantFrom(...(Object.keys(acts) as Array<keyof typeof acts>)),
  order: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
  again: fc.nat(3),
  laterMs: fc.constantFrom(0, 20, 900),
})

const world = () => ({
  gitBranch: branch({ remotes: ["origin"] }),
  gitCommands: { aliases: {}, commands: ["status", "push"] },
  gitStaged: stagedLines("a.js", [`const key = "${fakeKey}"`]),
  gitCommitted: { parents: 1, files: [], truncated: false },
  gitDirty: { files: 4, oldestMs: 1, paths: ["src/a.ts"] },
  compromised: [{ name: "axios", version: "1.14.1", campaign: null, advisories: [] }],
})

const pauseMs = 12_000

const play = (story: ReadonlyArray<Told>, plain: boolean): Driver => {
  const driver = new Driver({ answers: world() })
  for (const [nth, { act, again, laterMs, order }] of story.entries()) {
    const said = acts[act](driver, nth)
    const told = plain
      ? said
      : said.toSorted((a, b) => (order[said.indexOf(a)] ?? 0) - (order[said.indexOf(b)] ?? 0))
    const begunMs = driver.nowMs
    for (const each of told) {
      driver.put(each)
      driver.settle()
      driver.advance(30)
    }
    const second = told[again]
    if (!plain && second !== undefined) {
      driver.advance(laterMs)
      driver.put(second)
      driver.settle()
    }
    driver.advance(begunMs + pauseMs - driver.nowMs)
  }
  return driver
}

const urgent = (driver: Driver): ReadonlyArray<string> =>
  [...new Set(driver.rows.filter((row) => row.urgent).map(({ fingerprint }) => fingerprint))].toSorted()

describe("observations in another order, and twice", () => {
  const story = fc.array(told, { minLength: 3, maxLength: 25 })
  // what a switch ends may be shown for the moment before git has said so
  const staying = story.map((acts) => acts.filter(({ act }) => act !== "switches"))

  it("never bring one thing before the eyes twice at a time", () => {
    fc.assert(
      fc.property(story, (acts) => {
        const driver = play(acts, false)
        const open = new Map<string, string>()
        for (const event of driver.events) {
          if ("proposal" in event.payload) {
            const { fingerprint } = event.payload.proposal
            assert.isFalse([...open.values()].includes(fingerprint), fingerprint)
            open.set(event.payload.suggestion, fingerprint)
          } else if (event.type === "decision.expired") open.delete(event.payload.suggestion)
        }
      }),
      { numRuns: 80 },
    )
  })

  it("hide nothing that is urgent, and make nothing urgent that is not", () => {
    fc.assert(
      fc.property(story, (acts) => {
        assert.deepStrictEqual(urgent(play(acts, false)), urgent(play(acts, true)))
      }),
      { numRuns: 80 },
    )
  })

  it("show no more than they would in order and once", () => {
    fc.assert(
      fc.property(staying, (acts) => {
        const shown = (driver: Driver) => driver.of("decision.shown").length
        const rules = (driver: Driver) => new Set(driver.shown)
        const [jumbled, plain] = [play(acts, false), play(acts, true)]
        assert.isAtMost(shown(jumbled), shown(plain))
        for (const rule of rules(jumbled)) assert.isTrue(rules(plain).has(rule), rule)
      }),
      { numRuns: 80 },
    )
  })
})
