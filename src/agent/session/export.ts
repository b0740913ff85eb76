/**
 * A conversation as Markdown for people. Pure. Invariants: outside text is made harmless to show and stands in code blocks
 * that it cannot close; nothing that was said is left out but what was rewound.
 */
import { neutralise, neutraliseLines } from "../../domain/neutralise.ts"
import { type Block, blocksOf, type Turn } from "./blocks.ts"
import type { Transcript } from "./transcript.ts"

/** A fence longer than any in the text. */
const code = (text: string): string => {
  const longest = (text.match(/`{3,}/g) ?? []).reduce((most, run) => Math.max(most, run.length), 2)
  const fence = "`".repeat(longest + 1)
  return `${fence}\n${neutraliseLines(text)}\n${fence}`
}

const time = (iso: string): string => iso.slice(0, 16).replace("T", " ")

const turnText = (turn: Turn): ReadonlyArray<string> => [
  `## Claw, ${time(turn.answer.at)} (${neutralise(turn.answer.served)})`,
  ...turn.answer.parts.flatMap((part) =>
    part.type === "text" && part.text.trim() !== "" ? [neutraliseLines(part.text)] : [],
  ),
  ...turn.calls.flatMap(({ id, name, params }) => {
    const result = turn.results.get(id)
    const end = result === undefined ? "no result" : result.ok ? "done" : "failed"
    return [
      `**${neutralise(name)}** (${end})`,
      code(JSON.stringify(params, null, 2) ?? ""),
      ...(result === undefined || result.text === "" ? [] : [code(result.text)]),
    ]
  }),
]

const blockText = (block: Block): ReadonlyArray<string> => {
  switch (block._tag) {
    case "word": {
      const { at, files, text } = block.entry
      return [
        `## You, ${time(at)}`,
        ...(text === "" ? [] : [neutraliseLines(text)]),
        ...files.map(({ bytes, path }) => `- ${neutralise(path)} (${bytes} bytes)`),
      ]
    }
    case "note":
      return [`> ${neutralise(block.entry.text)}`]
    case "turn":
      return turnText(block)
  }
}

export const markdownOf = (transcript: Transcript): string => {
  const { model, openedAt, session, title, workspace } = transcript
  const head = [
    `# ${neutralise(title === "" ? session : title)}`,
    `${session}, begun ${time(openedAt)} UTC in ${neutralise(workspace)}, model ${neutralise(model)}`,
  ]
  return `${[...head, ...blocksOf(transcript.entries).flatMap(blockText)].join("\n\n")}\n`
}
