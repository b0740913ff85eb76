/**
 * Words and commands as the person sends them, and what a command wants done next.
 * Invariant: a file that is there already is never overwritten.
 */
import { Effect, Result } from "effect"
import { writeFileSync } from "node:fs"
import { resolve } from "node:path"
import { harmless } from "../../../tui/text.ts"
import type { CommandAnswer } from "../../domain/command.ts"
import { readCommand } from "../../domain/commandLine.ts"
import { attachments, pathsFrom } from "./attach.ts"
import { answerLines } from "./commandLines.ts"
import { commonStart, quoted, wantedAt } from "./completion.ts"
import { replaced } from "./editor.ts"
import type { Menu } from "./prompt.ts"
import { line, span } from "./styled.ts"
import { themes } from "./theme.ts"
import { ask, failedText, say, session, type Wires } from "./wires.ts"

type Values = Readonly<Record<string, string>>

export interface Lead {
  readonly open: (session: string) => void
  readonly leave: () => void
  /** Lets `claw` with these arguments have the terminal until it ends. */
  readonly front: (args: ReadonlyArray<string>) => void
}

/** Keeps it for the next conversation too, in the user's own settings. */
const keep = (wires: Wires, line: string): void =>
  wires.fork(
    Effect.catch(
      Effect.flatMap(wires.person, (who) =>
        Effect.asVoid(
          wires.client().RunCommand({ ...who, line, session: null, dir: wires.cwd, attended: true }),
        ),
      ),
      (error) =>
        Effect.sync(() =>
          wires.turn(() => say(wires, `for this conversation alone: ${failedText(error)}`, "warn")),
        ),
    ),
  )

/** Commands of the graph that are this terminal's own. */
export const clientCommands: Readonly<Record<string, (wires: Wires, values: Values, lead: Lead) => void>> = {
  exit: (_wires, _values, { leave }) => leave(),
  login: (_wires, { provider, way }, { front }) =>
    front([
      "login",
      ...(provider === undefined ? [] : [provider]),
      ...(way === undefined ? [] : [`--${way}`]),
    ]),
  theme: (wires, { name }) => {
    if (name !== undefined) {
      wires.chat.theme = name
      keep(wires, `/config chat.theme ${name}`)
    }
    say(wires, `theme ${wires.chat.theme} (there are ${Object.keys(themes).join(", ")})`)
  },
  vim: (wires, { state }) => {
    const { chat } = wires
    const vim = state === undefined ? !chat.editor.vim : state === "on"
    chat.editor = { ...chat.editor, vim, mode: "insert" }
    keep(wires, `/config chat.vim ${vim}`)
    say(wires, vim ? "vim's keys: Esc commands, i types" : "vim's keys are off")
  },
}

export const sayToModel = (wires: Wires, text: string): void => {
  const { files, problems } = attachments(text, wires.cwd)
  for (const problem of problems) say(wires, problem, "warn")
  ask(wires, (who, client) => client.Say({ ...who, session: session(wires), text, files }))
}

const save = (wires: Wires, name: string, text: string): void => {
  const path = resolve(wires.cwd, name)
  try {
    writeFileSync(path, text, { flag: "wx" })
    say(wires, `written to ${path}`)
  } catch (error) {
    say(wires, `${path} could not be written: ${(error as Error).message}`, "bad")
  }
}

const next = (wires: Wires, { next: wanted }: CommandAnswer, { open }: Lead): void => {
  if (wanted === null) return
  if (wanted._tag === "say") sayToModel(wires, wanted.text)
  else if (wanted._tag === "open") open(wanted.session)
  else save(wires, wanted.path, wanted.text)
}

/** A name that no command has may be a skill's. */
const orSkill = (wires: Wires, text: string, failure: string, lead: Lead): void => {
  const [, name = "", words = ""] = /^\s*\/(\S*)\s*([\s\S]*)$/.exec(text) ?? []
  ask(
    wires,
    (_, client) => client.Complete({ kind: "skill", word: name, session: session(wires), dir: wires.cwd }),
    (found) =>
      found.some((one) => one.text === name)
        ? runDaemon(wires, `/use ${name} ${words}`, lead)
        : say(wires, failure, "warn"),
  )
}

const runDaemon = (wires: Wires, line: string, lead: Lead): void =>
  ask(
    wires,
    (who, client) =>
      client.RunCommand({ ...who, line, session: session(wires), dir: wires.cwd, attended: true }),
    (answer) => {
      wires.chat.commit(...answerLines(answer, wires.drawing()))
      next(wires, answer, lead)
    },
  )

export const runLine = (wires: Wires, text: string, lead: Lead): void => {
  const { chat, drawing } = wires
  const { theme } = drawing()
  chat.commit([], [span("> ", theme.you), ...line(harmless(text.trim()), theme.strong)])
  const read = readCommand(text, chat.rows)
  if (Result.isFailure(read)) return orSkill(wires, text, read.failure, lead)
  const { row, values } = read.success
  const mine = row.where === "client" ? clientCommands[row.name] : undefined
  if (mine !== undefined) return mine(wires, values, lead)
  runDaemon(wires, `/${row.name} ${text.trim().replace(/^\/\S*\s*/, "")}`, lead)
}

/** Takes the next candidate, or finds out which there are. */
export const complete = (wires: Wires, by: 1 | -1): void => {
  const { chat, cwd } = wires
  const { editor, menu } = chat
  if (menu !== null && menu.candidates.length > 0) {
    const count = menu.candidates.length
    const chosen = menu.chosen < 0 ? (by > 0 ? 0 : count - 1) : (menu.chosen + by + count) % count
    chat.editor = replaced(editor, menu.from, menu.candidates[chosen]!.text)
    chat.menu = { ...menu, chosen }
    return
  }
  const wanted = wantedAt(editor.text, editor.cursor, chat.rows)
  if (wanted === null) return
  const found = (candidates: Menu["candidates"]): void => {
    if (chat.editor.text !== editor.text || candidates.length === 0) return
    if (candidates.length === 1) {
      const { text } = candidates[0]!
      chat.editor = replaced(editor, wanted.from, text.endsWith("/") ? text : `${text} `)
      return
    }
    const start = commonStart(candidates)
    if (start.length > wanted.word.length) chat.editor = replaced(editor, wanted.from, start)
    chat.menu = { candidates, chosen: -1, from: wanted.from }
  }
  const { source } = wanted
  switch (source._tag) {
    case "known":
      return found(source.candidates)
    case "files":
      return found(pathsFrom(wanted.word, cwd).map((path) => ({ text: quoted(path), detail: "" })))
    case "daemon":
      return ask(
        wires,
        (_, client) =>
          client.Complete({ kind: source.kind, word: wanted.word, session: session(wires), dir: cwd }),
        found,
      )
  }
}
