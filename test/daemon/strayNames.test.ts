/** Reflexes that are to be off and are nobody's. */
import { assert, it } from "@effect/vitest"
import { strayNames } from "../../src/daemon/ownRules.ts"

const text = `[[reflex]]
name = "team-migrate"
when = "files.settled"
files = "*.sql"
title = "Migrate"
run = "npm run migrate"
`

it("are named with what was meant; those that ship, and those anybody here wrote, are none", () => {
  const own = [
    { texts: [], workspace: null },
    { texts: [{ file: "team.toml", text }], workspace: "/w" },
  ]
  assert.deepStrictEqual(strayNames(["mistyped-command", "secret-staged", "team-migrate"], own), [])
  assert.deepStrictEqual(strayNames(["mistyped-comand", "team-migrte", "\u202equite-other"], own), [
    'disabledReflexes: there is no reflex "mistyped-comand" (did you mean "mistyped-command"?)',
    'disabledReflexes: there is no reflex "team-migrte" (did you mean "team-migrate"?)',
    'disabledReflexes: there is no reflex "\u202equite-other"',
  ])
})
