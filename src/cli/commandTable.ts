/**
 * The commands of the program, each with what it needs loaded when it is called: a quick one does not wait for what forty
 * others are made of.
 * Invariant: a command stands under its own name, in the order in which help lists it.
 */
const table = {
  up: async () => (await import("./commands/lifecycle.ts")).up,
  down: async () => (await import("./commands/lifecycle.ts")).down,
  restart: async () => (await import("./commands/lifecycle.ts")).restart,
  status: async () => (await import("./commands/status.ts")).status,
  doctor: async () => (await import("./commands/doctor.ts")).doctor,
  init: async () => (await import("./commands/hooks.ts")).init,
  hooks: async () => (await import("./commands/hooks.ts")).hooks,
  shell: async () => (await import("./commands/shell.ts")).shell,
  log: async () => (await import("./commands/log.ts")).log,
  queue: async () => (await import("./commands/queue.ts")).queue,
  digest: async () => (await import("./commands/digest.ts")).digest,
  todo: async () => (await import("./commands/answer.ts")).todo,
  show: async () => (await import("./commands/queue.ts")).show,
  approve: async () => (await import("./commands/answers.ts")).approve,
  answer: async () => (await import("./commands/answer.ts")).answer,
  edit: async () => (await import("./commands/answers.ts")).edit,
  reject: async () => (await import("./commands/answers.ts")).reject,
  snooze: async () => (await import("./commands/answers.ts")).snooze,
  undo: async () => (await import("./commands/undo.ts")).undo,
  retry: async () => (await import("./commands/answers.ts")).retry,
  why: async () => (await import("./commands/queue.ts")).why,
  pause: async () => (await import("./commands/answers.ts")).pause,
  resume: async () => (await import("./commands/answers.ts")).resume,
  replay: async () => (await import("./commands/replay.ts")).replay,
  audit: async () => (await import("./commands/audit.ts")).audit,
  policy: async () => (await import("./commands/policy.ts")).policy,
  reflex: async () => (await import("./commands/reflex.ts")).reflex,
  sandbox: async () => (await import("./commands/sandbox.ts")).sandbox,
  tool: async () => (await import("./commands/tool.ts")).tool,
  task: async () => (await import("./commands/task.ts")).task,
  memory: async () => (await import("./commands/memory.ts")).memory,
  skill: async () => (await import("./commands/skill.ts")).skill,
  session: async () => (await import("./commands/session.ts")).session,
  agent: async () => (await import("./commands/agent.ts")).agent,
  cost: async () => (await import("./commands/cost.ts")).cost,
  model: async () => (await import("./commands/model.ts")).model,
  login: async () => (await import("./commands/login.ts")).login,
  logout: async () => (await import("./commands/logout.ts")).logout,
  auth: async () => (await import("./commands/auth.ts")).auth,
  config: async () => (await import("./commands/settings.ts")).config,
  trust: async () => (await import("./commands/settings.ts")).trust,
  chat: async () => (await import("./commands/chat.ts")).chat,
  ask: async () => (await import("./commands/ask.ts")).ask,
  print: async () => (await import("./commands/print.ts")).print,
  eval: async () => (await import("./commands/evaluate.ts")).evaluate,
  bench: async () => (await import("./commands/measures.ts")).bench,
  demo: async () => (await import("./commands/measures.ts")).demo,
} as const

type Name = keyof typeof table
export type AnyCommand = Awaited<ReturnType<(typeof table)[Name]>>

const isName = (word: string | undefined): word is Name => word !== undefined && Object.hasOwn(table, word)

/** How many words before the first that is not about colour. */
const colourWords = (args: ReadonlyArray<string>): number => {
  let at = 0
  while (args[at]?.startsWith("--color") === true) at += args[at] === "--color" ? 2 : 1
  return at
}

/** `claw -p words` and `claw --resume ID /cost` are `claw print`; anything that names a command is left as it is. */
export const withPrint = (args: ReadonlyArray<string>): ReadonlyArray<string> => {
  const at = colourWords(args)
  const [first, ...rest] = args.slice(at)
  const before = args.slice(0, at)
  if (first === "-p" || first === "--print") return [...before, "print", ...rest]
  const goesOn = first === "--resume" || first?.startsWith("--resume=") === true
  if (!goesOn) return args
  return [...before, "print", first, ...rest.filter((arg) => arg !== "-p" && arg !== "--print")]
}

/** What a command line can lead to: one command; all of them where it asks for help, for completions, or says none of them. */
export const commandsFor = async (args: ReadonlyArray<string>): Promise<ReadonlyArray<AnyCommand>> => {
  const word = args[colourWords(args)]
  const one = isName(word) && !args.some((arg) => arg.startsWith("--completions"))
  const wanted = one ? [table[word]] : args.length === 0 ? [] : Object.values(table)
  return Promise.all(wanted.map((load) => load()))
}
