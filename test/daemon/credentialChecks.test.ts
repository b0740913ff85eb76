/** Which providers' credentials count: those that a word of the settings leads to, of whatever the word is. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Result } from "effect"
import { decodeSettings } from "../../src/config/Settings.ts"
import { credentialChecks, viewsOf } from "../../src/daemon/credentialChecks.ts"
import { Credentials } from "../../src/model/credentials/Credentials.ts"

/** Nobody has any. */
const none = Layer.mock(Credentials)({
  status: ({ kind, name }) =>
    Effect.succeed({
      provider: name,
      kind,
      source: "missing",
      where: null,
      type: null,
      expiresAt: null,
      renews: false,
      problem: { message: `${name} has no credential`, cure: `claw login ${name}`, now: true },
    }),
})

const missing = (settings: unknown) =>
  Effect.gen(function* () {
    const views = yield* viewsOf(yield* Credentials, Result.getOrThrow(decodeSettings(settings)))
    return credentialChecks(views).flatMap(({ name, ok }) => (ok ? [] : [name]))
  }).pipe(Effect.provide(none))

describe("the credentials that are looked at", () => {
  const models = { default: "anthropic/claude-opus-5-5" }

  it.effect("are those of the models that answer", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* missing({}), [])
      assert.deepStrictEqual(yield* missing({ models }), ["credentials anthropic"])
    }),
  )

  it.effect("and those of the model that says what memories mean", () =>
    Effect.gen(function* () {
      const named = yield* missing({ models, memory: { embeddings: "openai/text-embedding-3-small" } })
      assert.sameMembers([...named], ["credentials anthropic", "credentials openai"])
      assert.deepStrictEqual(yield* missing({ models, memory: { embeddings: "off" } }), [
        "credentials anthropic",
      ])
    }),
  )
})
