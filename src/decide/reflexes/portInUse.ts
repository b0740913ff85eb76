/**
 * A server failed to start and its port is taken: say by whom. Ending another process is never ready to run:
 * it is an alternative a person has to choose.
 */
import { bash } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { baseName } from "../paths.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationData } from "../situationData.ts"
import { onlyCommand, type SimpleCommand } from "../words.ts"

const name = "port-in-use"

const inUse =
  /EADDRINUSE|AddrInUse|address already in use|connection in use|port (?:\d+ )?(?:is|was) (?:already )?(?:in use|allocated|taken)/i
const portInText = /(?:EADDRINUSE[^\n]*?:|port:? |:|', )(\d{2,5})\b/i

/** Ports of servers that name none, and stop where it is taken. */
const defaults: ReadonlyArray<readonly [RegExp, number]> = [
  [/^flask run/, 5000],
  [/^(?:rails|bin\/rails) (?:s|server)\b/, 3000],
  [/^(?:python3?|\.\/)? ?(?:\.\/)?manage\.py runserver/, 8000],
  [/^python3? -m http\.server/, 8000],
  [/^uvicorn /, 8000],
  [/^gunicorn /, 8000],
  [/^next (?:dev|start)/, 3000],
  [/^(?:jekyll|bundle exec jekyll) serve/, 4000],
]
const servers =
  /^(?:npm (?:run (?:dev|start|serve|preview)|start)|(?:pnpm|yarn|bun) (?:run )?(?:dev|start|serve|preview)|node |deno |php -S |http-server|serve\b|vite\b|hugo server|caddy )/

const portNumber = (text: string | undefined): number | null => {
  const port = Number(text)
  return text !== undefined && /^\d{2,5}$/.test(text) && port > 0 && port < 65_536 ? port : null
}

const portOfCommand = ({ words, assignments }: SimpleCommand): number | null => {
  const named = portNumber(assignments["PORT"])
  if (named !== null) return named
  for (const [at, word] of words.entries()) {
    const inline = /^(?:--port|--listen|--bind|-p|-b|-l)[= ]?(?:[\w.]*:)?(\d{2,5})$/.exec(word)
    if (inline !== null) return portNumber(inline[1])
    // an address without a port may have it in another word
    const next = /^(?:--port|--listen|--bind|-p|-b|-l|-S)$/.test(word) ? words[at + 1] : undefined
    const behind = portNumber(next?.split(":").at(-1))
    if (behind !== null) return behind
  }
  const line = [baseName(words[0] ?? ""), ...words.slice(1)].join(" ")
  if (/http\.server|runserver/.test(line)) {
    const last = portNumber(words.at(-1)?.split(":").at(-1))
    if (last !== null) return last
  }
  return defaults.find(([pattern]) => pattern.test(line))?.[1] ?? null
}

const portOf = (data: SituationData["command.failed"]): number | null => {
  if (data.output !== undefined) {
    // other lines have numbers too: those of a stack trace
    const said = data.output.split("\n").filter((line) => inUse.test(line))
    if (said.length === 0) return null
    const named = said.map((line) => portNumber(portInText.exec(line)?.[1])).find((port) => port !== null)
    if (named !== undefined) return named
  }
  const command = onlyCommand(data.command)
  if (command === null) return null
  const line = command.words.join(" ")
  // some say only that it is taken
  const serves =
    data.output !== undefined || servers.test(line) || defaults.some(([pattern]) => pattern.test(line))
  return serves ? portOfCommand(command) : null
}

export const portInUse: Reflex = {
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "command.failed") && portOf(situation.data) !== null,
  probes: (situation) => {
    const port = isSituation(situation, "command.failed") ? portOf(situation.data) : null
    return port === null ? [] : [{ _tag: "portOwner", port }]
  },
  propose: (situation, facts) => {
    const port = isSituation(situation, "command.failed") ? portOf(situation.data) : null
    if (port === null || !isSituation(situation, "command.failed")) return silent("no port is known")
    const owner = facts.get<"portOwner">({ _tag: "portOwner", port })
    if (owner === undefined) return unknown(`who listens on port ${port}`)
    if (owner === null) return silent(`nobody listens on port ${port}`)
    const { command, cwd, session } = situation.data
    const program = baseName(owner.command.split(/\s/)[0] ?? owner.command)
    const look = `ps -o pid,ppid,etime,args -p ${owner.pid}`
    return propose(name, situation, {
      title: `Port ${port} is taken by ${program} (pid ${owner.pid})`,
      why: [
        {
          text: `\`${command}\` failed with exit ${situation.data.exit}`,
          seq: situation.evidence[0] ?? null,
        },
        `pid ${owner.pid} listens on ${port}: ${owner.command}`,
      ],
      same: [port, owner.pid],
      mode: "question",
      risk: "high",
      actions: [bash(look, cwd)],
      alternatives: [[bash(`kill ${owner.pid}`, cwd)]],
      expiresWhen: [`passed:${look}`, `passed:kill ${owner.pid}`, `session:${session}`],
      ttlMs: 15 * 60_000,
    })
  },
}
