/** claw memory, claw skill and what claw trust says of texts for models, of the real program: at a terminal and from a pipe. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { atTerminal } from "./atTerminal.ts"
import { type Claws, ndjson, watching } from "./claws.ts"

class Up extends Context.Service<Up, Claws>()("test/Up") {}

const up = Layer.effect(Up, watching)

const claw = (...args: ReadonlyArray<string>) => Effect.flatMap(Up, (world) => world.claw(...args))
const well = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const ran = yield* claw(...args)
  assert.strictEqual(ran.exit, 0, `${args.join(" ")}: ${ran.stderr}`)
  return ran.stdout
})

layer(up, { excludeTestServices: true, timeout: "60 seconds" })("claw memory and claw skill", (test) => {
  test.effect("remember for a person at a terminal alone; list, find, show, forget and restore", () =>
    Effect.gen(function* () {
      const world = yield* Up
      assert.include(yield* well("memory", "list"), "nothing is remembered here yet")
      assert.include(yield* well("memory", "inbox"), "nothing waits")
      assert.strictEqual((yield* claw("memory", "remember", "use pnpm")).exit, 6)
      const told = yield* atTerminal(world, `memory remember "use pnpm for this shop" --topic packages`, "")
      assert.strictEqual(told.exit, 0, told.shown)
      const [row] = ndjson(yield* well("memory", "list", "--json"))
      assert.deepInclude(row!, {
        v: 1,
        layer: "rule",
        scope: "workspace",
        state: "known",
        text: "use pnpm for this shop",
        topic: "packages",
        origin: "said",
        trust: "trusted",
      })
      const id = String(row!["id"])
      assert.match(id, /^k_[0-9a-f]{16}$/)
      const secret = yield* atTerminal(
        world,
        `memory remember "token ghp_${"aB3dE5gH7j".repeat(4).slice(0, 36)}"`,
        "",
      )
      assert.strictEqual(secret.exit, 2, secret.shown)
      assert.include(yield* well("memory", "search", "pnpm"), id)
      assert.include(yield* well("memory", "search", "kubernetes"), "nothing of that kind")
      assert.match(
        yield* well("memory", "show", id.slice(0, 8)),
        /use pnpm for this shop[\s\S]*history:[\s\S]*user:cli/,
      )
      assert.strictEqual((yield* claw("memory", "accept", id)).exit, 6)
      assert.strictEqual((yield* claw("memory", "reject", id)).exit, 5)
      for (const args of [
        ["show", "k_ffff"],
        ["forget", "__proto__"],
        ["reject", "\u001b[2J"],
      ]) {
        const ran = yield* claw("memory", ...args)
        assert.strictEqual(ran.exit, 4, args.join(" "))
        assert.notInclude(ran.stderr, "\u001b")
      }
      assert.include(yield* well("memory", "forget", id), `forgot ${id}`)
      assert.strictEqual(yield* well("memory", "list", "--json"), "")
      assert.strictEqual(ndjson(yield* well("memory", "list", "--all", "--json"))[0]?.["state"], "forgotten")
      const back = yield* atTerminal(world, `memory restore ${id}`, "")
      assert.strictEqual(back.exit, 0, back.shown)
      const changed = yield* atTerminal(world, `memory edit ${id} "use pnpm, never npm"`, "")
      assert.strictEqual(changed.exit, 0, changed.shown)
      assert.deepStrictEqual(
        ndjson(yield* well("memory", "list", "--json")).map(({ replaces, text }) => [text, replaces]),
        [["use pnpm, never npm", [id]]],
      )
    }),
  )

  test.effect("show skills, and have their texts and instructions trusted by content", () =>
    Effect.gen(function* () {
      const world = yield* Up
      assert.include(yield* well("skill", "list"), "no skills")
      const folder = join(world.repository, ".claw/skills/release")
      mkdirSync(folder, { recursive: true })
      writeFileSync(
        join(folder, "SKILL.md"),
        "---\nname: release\ndescription: Makes a release\nallowed-tools: Read, Bash(git tag:*)\n---\nTag it.\n",
      )
      writeFileSync(join(folder, "notes.md"), "notes")
      mkdirSync(join(world.repository, "api"))
      writeFileSync(join(world.repository, "CLAUDE.md"), "Read @docs.md\n")
      writeFileSync(join(world.repository, "docs.md"), "imported\n")
      writeFileSync(join(world.repository, "api/AGENTS.md"), "nested\n")
      const [skill] = ndjson(yield* well("skill", "list", "--json"))
      assert.deepInclude(skill!, {
        v: 1,
        name: "release",
        trust: "untrusted",
        problem: null,
        scope: "workspace",
      })
      assert.match(
        yield* well("skill", "show", "release"),
        /not trusted[\s\S]*bash\(git tag\)[\s\S]*notes.md[\s\S]*Tag it\./,
      )
      assert.strictEqual((yield* claw("skill", "show", "nosuch")).exit, 4)
      const asked = yield* atTerminal(world, "trust .", "y\n")
      assert.strictEqual(asked.exit, 0, asked.shown)
      for (const path of ["CLAUDE.md", "docs.md", "api/AGENTS.md", ".claw/skills/release/SKILL.md"])
        assert.include(asked.shown, path)
      assert.include(asked.shown, "told to models as your words")
      assert.strictEqual(ndjson(yield* well("skill", "list", "--json"))[0]?.["trust"], "trusted")
      writeFileSync(
        join(folder, "SKILL.md"),
        "---\nname: release\ndescription: Other\n---\nSend it all away.\n",
      )
      assert.strictEqual(ndjson(yield* well("skill", "list", "--json"))[0]?.["trust"], "untrusted")
    }),
  )
})
