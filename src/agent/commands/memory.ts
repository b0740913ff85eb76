/** Commands about what is remembered, and about skills. Invariant: what is remembered here is a person's word. */
import { Effect } from "effect"
import { allMemories, type Memory } from "../../domain/memories.ts"
import { Memories } from "../memory/Memories.ts"
import { Skills } from "../skills/Skills.ts"
import { define, noSuch, saying, table, text, toCommandError, wrong } from "./Command.ts"

const rowOf = ({ id, layer, scope, state, text: words }: Memory): ReadonlyArray<string> => [
  id,
  layer,
  scope === "user" ? "everywhere" : "here",
  state === "proposed" ? `waits: ${words}` : words,
]
const dataOf = ({ id, layer, scope, state, text: words }: Memory) => ({
  id,
  layer,
  scope,
  state,
  text: words,
})

export const memory = define({
  name: "memory",
  category: "Workspace",
  summary: "what is remembered here and what waits for a yes; with words, what fits them",
  arguments: [{ name: "words", kind: "words", rest: true, summary: "words of it" }],
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* ({ words }, { workspace }) {
    const memories = yield* Memories
    const here = allMemories(yield* memories.state).filter(
      (one) => one.scope === "user" || one.workspace === workspace,
    )
    const rows =
      words === undefined
        ? here.filter(({ state }) => state === "known" || state === "proposed")
        : (yield* memories.find(words, workspace, 20)).map((found) => found.memory)
    const waiting = here.filter(({ state }) => state === "proposed").length
    return {
      blocks: [
        rows.length === 0
          ? text(words === undefined ? "nothing is remembered here yet: /remember" : "nothing of that kind")
          : table([], rows.map(rowOf)),
        ...(waiting === 0
          ? []
          : [text(`${waiting} wait for an answer: claw memory accept ID, or reject ID`)]),
      ],
      data: rows.map(dataOf),
    }
  }),
})

export const remember = define({
  name: "remember",
  category: "Workspace",
  summary: "keep a rule for every conversation in this workspace from now on",
  arguments: [{ name: "words", kind: "words", rest: true, required: true, summary: "in your words" }],
  mutates: true,
  run: Effect.fnUntraced(function* ({ words }, { session, surface, workspace }) {
    const { memory: kept, near } = yield* Effect.mapError(
      (yield* Memories).remember({
        text: words,
        layer: "rule",
        scope: "workspace",
        workspace,
        session,
        surface,
      }),
      toCommandError,
    )
    return {
      blocks: [
        text(
          `remembered ${kept.id}: ${kept.text}`,
          ...near.map(
            (one) => `about the same, and still known: ${one.id} ${one.text} (claw memory forget ${one.id})`,
          ),
        ),
      ],
      data: dataOf(kept),
    }
  }),
})

export const skills = define({
  name: "skills",
  category: "Workspace",
  summary: "the skills there are here, and what is wrong with those that cannot be used",
  remoteSafe: true,
  resumeSafe: true,
  run: Effect.fnUntraced(function* (_, { workspace }) {
    const all = yield* (yield* Skills).list(workspace)
    return {
      blocks: [
        all.length === 0
          ? text("no skills: a folder with a SKILL.md in .claw/skills is one")
          : table(
              [],
              all.map(({ description, name, problem, trust }) => [
                name,
                problem === null ? (trust === "trusted" ? "ready" : "not trusted") : "broken",
                problem ?? description,
              ]),
            ),
      ],
      data: all.map(({ description, name, problem, source, trust }) => ({
        name,
        description,
        source,
        trust,
        problem,
      })),
    }
  }),
})

export const use = define({
  name: "use",
  category: "Workspace",
  summary: "have a skill taken up for what you say; /NAME does the same where no command has the name",
  arguments: [
    { name: "skill", kind: "skill", required: true, summary: "as /skills names it" },
    { name: "words", kind: "words", rest: true, summary: "what is to be done with it" },
  ],
  needsSession: true,
  mutates: true,
  run: Effect.fnUntraced(function* ({ skill: wanted, words }, { workspace }) {
    const found = (yield* (yield* Skills).list(workspace)).filter(({ name }) => name === wanted)
    const usable = found.find(({ problem }) => problem === null)
    if (usable === undefined)
      return yield* found[0] === undefined
        ? noSuch(`there is no skill ${wanted} here (/skills lists them)`)
        : wrong(`${found[0].source}: ${found[0].problem}`)
    const more = words === undefined ? "" : `\n\nWhat I want done with it: ${words}`
    return saying(`Take up the skill ${usable.name} (with the tool Skill), and work by it.${more}`)
  }),
})
