/** claw skill: the skills of the user and of a folder, whether they can be used, and what one says. */
import { Console, Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { neutraliseLines } from "../../domain/neutralise.ts"
import type { SkillView } from "../../rpc/memories.ts"
import { orExit } from "../errors.ts"
import { jsonFlag } from "../flags.ts"
import { Invocation } from "../Invocation.ts"
import { json, paint, type Paint, safe, table } from "../output.ts"
import { Session } from "../Session.ts"

const standing = ({ problem, trust }: SkillView): string =>
  problem === null ? (trust === "trusted" ? "ready" : "not trusted") : "broken"

const row = (skill: SkillView, colour: Paint): ReadonlyArray<string> => [
  colour("bold", safe(skill.name)),
  standing(skill),
  safe(skill.source),
  safe(skill.problem ?? skill.description),
]

const list = Command.make(
  "list",
  { json: jsonFlag },
  Effect.fn(function* ({ json: asJson }) {
    const client = yield* (yield* Session).attach
    const { cwd } = yield* Invocation
    const skills = yield* orExit(client.Skills({ dir: cwd }))
    if (asJson) return yield* Effect.forEach(skills, json, { discard: true })
    if (skills.length === 0)
      return yield* Console.log("no skills: a folder with a SKILL.md in .claw/skills is one")
    const colour = yield* paint
    yield* Console.log(table(skills.map((skill) => row(skill, colour))))
    if (skills.some(({ problem, trust }) => problem === null && trust === "untrusted"))
      yield* Console.error(
        "what a skill says that is not trusted is data to a model: claw trust . shows and trusts them",
      )
  }, Effect.scoped),
).pipe(
  Command.withDescription("the skills there are here, and what is wrong with those that cannot be used"),
  Command.withExamples([{ command: "claw skill list", description: "yours and this folder's" }]),
)

const show = Command.make(
  "show",
  {
    name: Argument.String("name").pipe(Argument.withDescription("as claw skill list prints it")),
    json: jsonFlag,
  },
  Effect.fn(function* ({ json: asJson, name }) {
    const client = yield* (yield* Session).attach
    const { cwd } = yield* Invocation
    const { files, skill, text } = yield* orExit(client.Skill({ dir: cwd, name }))
    if (asJson) return yield* json({ ...skill, text, files })
    yield* Console.log(`${safe(skill.name)}  ${standing(skill)}  ${safe(skill.source)}`)
    yield* Console.log(safe(skill.description))
    yield* Console.log(
      `tools: ${skill.tools === null ? "it declares none" : safe(skill.tools.join(", ")) || "none of Claw's"}`,
    )
    if (files.length > 0) yield* Console.log(`files: ${safe(files.join(", "))}`)
    yield* Console.log(`\n${neutraliseLines(text)}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("what a skill says, declares and has in its folder"),
  Command.withExamples([{ command: "claw skill show release", description: "read it before you trust it" }]),
)

export const skill = Command.make("skill").pipe(
  Command.withDescription("skills: instructions for one kind of work, in folders with a SKILL.md"),
  Command.withSubcommands([list, show]),
)
