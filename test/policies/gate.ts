/** What the gate's tests share: the shipped rules, a small tree, and one call to judge a command or a tool call in it. */
import type { ToolCall, Trust, Verdict } from "../../src/domain/action.ts"
import { compile, type Compiled } from "../../policies/compile.ts"
import { evaluate, type RuleSet } from "../../policies/evaluate.ts"
import { loadRuleSet } from "../../policies/load.ts"
import { memoryOracle, type Tree } from "../../policies/memoryOracle.ts"
import type { Scope } from "../../policies/Scope.ts"
import { readShipped, shippedDirectory } from "../../policies/shipped.ts"

export const shipped: RuleSet = loadRuleSet(readShipped(shippedDirectory(), ["default"]))

export const workspace = "/home/ada/shop"
export const tree: Tree = {
  [`${workspace}/README.md`]: "file",
  [`${workspace}/package.json`]: "file",
  [`${workspace}/app/main.ts`]: "file",
  [`${workspace}/app/parts/cart.ts`]: "file",
  [`${workspace}/.env`]: "file",
  [`${workspace}/.git/config`]: "file",
  [`${workspace}/.git/index.lock`]: "file",
  [`${workspace}/to-hosts`]: "link:/etc/hosts",
  [`${workspace}/to-home`]: "link:/home/ada",
  [`${workspace}/to-readme`]: "link:README.md",
  [`${workspace}/round`]: "link:round",
  [`${workspace}/queue`]: "fifo",
  [`${workspace}/twin.txt`]: "hard-linked",
  "/home/ada/.ssh/id_ed25519": "file",
  "/home/ada/notes.txt": "file",
  "/etc/hosts": "file",
}

export const scope: Scope = {
  workspace,
  cwd: workspace,
  home: "/home/ada",
  actor: "claw",
  trust: "trusted",
  own: [`${workspace}/.claw`, "/home/ada/.local/share/claw"],
  ownReadable: [`${workspace}/.claw/policies`],
  secrets: ["hunter2-hunter2"],
  isCompromised: (name, version) => name === "evil-pad" && (version === null || version === "1.0.1"),
}

export const taken = (call: ToolCall, trust: Trust = "trusted"): readonly [Compiled, Scope] => {
  const where: Scope = { ...scope, trust, cwd: call.cwd ?? scope.cwd }
  return [compile(call, where, memoryOracle(tree), shipped.table), where]
}
export const judge = (call: ToolCall, trust?: Trust): Verdict => evaluate(shipped, ...taken(call, trust))
export const run = (command: string): ToolCall => ({ tool: "bash", input: { command } })
export const verdict = (command: string): string => judge(run(command)).verdict
export const tool = (name: string, input: ToolCall["input"]): string => judge({ tool: name, input }).verdict
