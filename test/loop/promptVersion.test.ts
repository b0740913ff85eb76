/** Prompts are made again by whoever has the log: whoever changes how they are made gives that another version. */
import { assert, it } from "@effect/vitest"
import { triageRequest } from "../../src/agent/deliberation/triage.ts"
import { callsOf } from "../../src/agent/session/calls.ts"
import { promptOf } from "../../src/agent/session/prompt.ts"
import { transcriptOf } from "../../src/agent/session/transcript.ts"
import { promptVersion } from "../../src/domain/modelRequest.ts"
import { canonicalJson, canonicalOf, sha256 } from "../../src/model/recorder.ts"
import { generated } from "../agent/session/generatedSession.ts"

const none = new Map<string, Uint8Array>()

/** Ids are made anew in each run: they are told by the order in which they come. */
const steady = (text: string): string => {
  const seen = new Map<string, number>()
  return text.replace(/[a-z]+_[0-9a-f]{16}/g, (id) => {
    if (!seen.has(id)) seen.set(id, seen.size)
    return `id ${seen.get(id)}`
  })
}

it("prompts are as this version makes them", () => {
  const ids = (parts: Parameters<typeof callsOf>[0]) => callsOf(parts).map(({ id }) => id)
  const conversations = Array.from({ length: 30 }, (_, seed) => {
    const transcript = transcriptOf(generated(seed + 1, 60, ids))!
    return canonicalOf(promptOf(transcript, none, 1_000)).request
  })
  const pieces = [
    { seq: 3, type: "terminal.ran", text: "npm test failed\nAKIA2E0A8F3B244C9986 in it" },
    { seq: 4, type: "fs.changed", text: "src/a.ts" },
  ]
  const triage = canonicalOf({ ...triageRequest({ seq: 5 }, pieces), model: "test/one" }).request
  const made = sha256(steady(canonicalJson([...conversations, triage])))
  assert.deepStrictEqual(
    [promptVersion, made],
    [2, "719b3ecbc3ce21538aec51aed9543f6f4c843291b3e0072a101682f30cb38824"],
    "prompts are made otherwise: raise promptVersion, and write down what the new version makes",
  )
})
