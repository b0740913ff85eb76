/**
 * A pull, switch or merge recorded other commits of submodules, and they were not updated: what is built is not what was
 * checked out, and the next commit may take it back. Silent where a submodule is on a branch of its own, is told not to
 * be updated, or never was here.
 */
import { bash } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { shellWord } from "../words.ts"

const name = "git-submodule-drift"
const request = { _tag: "gitSubmodules" } as const

export const submoduleDrift: Reflex = {
  name,
  situations: ["submodules.moved"],
  applies: (situation) => isSituation(situation, "submodules.moved") && situation.data.paths.length > 0,
  probes: () => [request, { _tag: "gitBranch" }],
  propose: (situation, facts) => {
    if (!isSituation(situation, "submodules.moved")) return silent("no submodule moved")
    const all = facts.get<"gitSubmodules">(request)
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (all === undefined || at === undefined) return unknown("the submodules")
    const moved = all.filter(({ path }) => situation.data.paths.includes(path))
    if (moved.length === 0) return silent("no submodule was among what changed")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    const used = all.some(({ checkedOut }) => checkedOut !== null)
    const behind = moved.filter(
      (each) =>
        !each.left &&
        each.branch === null &&
        (each.checkedOut === null ? used : each.checkedOut !== each.recorded),
    )
    if (behind.length === 0) return silent("the submodules are as recorded, or on purpose not")
    const paths = behind.map(({ path }) => path).toSorted()
    const words = paths.map(shellWord)
    if (situation.workspace === null || words.some((word) => word === null))
      return silent("a submodule's name is not plain")
    return propose(name, situation, {
      title: `Update ${paths.length === 1 ? "the submodule" : "submodules"} ${listed(paths)} to what is recorded`,
      why: [
        { text: "git moved to a commit that records another one", seq: situation.evidence.at(-1) ?? null },
        ...behind
          .slice(0, 3)
          .map(
            (each) =>
              `${each.path} is ${each.checkedOut === null ? "not checked out" : `at ${each.checkedOut.slice(0, 7)}`}, recorded is ${each.recorded.slice(0, 7)}`,
          ),
        ...(behind.every(({ present }) => present) ? [] : ["what is recorded has to be fetched first"]),
      ],
      same: behind.map((each) => `${each.path} ${each.recorded} ${each.checkedOut}`).toSorted(),
      actions: [bash(`git submodule update --init -- ${words.join(" ")}`, situation.workspace)],
      risk: "medium",
      expiresWhen: ["did:git submodule update", "git:HEAD"],
      ttlMs: 4 * 60 * 60_000,
    })
  },
}
