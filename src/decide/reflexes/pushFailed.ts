/**
 * `git push` failed: the branch has no upstream (set it), or the remote has commits this branch has not (rebase).
 * Without output the exit tells them apart: 1 is a refused ref, 128 a push that never began. A branch that the remote
 * protects takes no push at all: what was committed goes to a branch of its own. A forced or deleting push is never
 * proposed.
 */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import type { Situation } from "../../domain/situation.ts"
import type { Proposal } from "../../domain/suggestion.ts"
import { fetch, pull, pushWithUpstream } from "../actions.ts"
import { sameLine } from "../checks.ts"
import type { Reflex, Silence } from "../Decider.ts"
import { propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import { onlyCommand } from "../words.ts"
import { ownBranch } from "./ownBranch.ts"

const name = "git-push-failed"
const ttlMs = 60 * 60_000
const other = /^(?:-f|--force.*|-d|--delete|--tags|--mirror|--all|-n|--dry-run|--prune|-u|--set-upstream)$/

interface Push {
  readonly remote: string | null
  readonly refspec: string | null
}

const pushOf = (line: string): Push | null => {
  const words = onlyCommand(line)?.words ?? []
  if (words[0] !== "git" || words[1] !== "push") return null
  const rest = words.slice(2)
  if (rest.some((word) => other.test(word) || word.startsWith("+") || word.startsWith(":"))) return null
  const [remote = null, refspec = null] = rest.filter((word) => !word.startsWith("-"))
  return { remote, refspec }
}

/** What is pushed is this branch, under whatever name. */
const names = (refspec: string, branch: string): boolean =>
  ["HEAD", "@", branch, `refs/heads/${branch}`].includes(refspec.split(":", 1)[0]!)

type Failed = SituationOf<"command.failed">

const setUpstream = (
  situation: Failed,
  push: Push,
  at: ProbeAnswer<"gitBranch">,
  branch: string,
): Proposal | Silence => {
  const { exit, command } = situation.data
  if (exit === 1 || push.refspec !== null) return silent("the missing upstream is not why this push failed")
  const remote =
    push.remote ??
    (at.remotes.includes("origin") ? "origin" : at.remotes.length === 1 ? at.remotes[0]! : null)
  if (remote === null || !at.remotes.includes(remote)) return silent("there is no remote to push to")
  return propose(name, situation, {
    title: `Push ${branch} to ${remote} and set its upstream`,
    why: [
      { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null },
      `${branch} has no upstream; the remote is ${remote}`,
    ],
    same: ["upstream", branch, remote],
    actions: [pushWithUpstream(remote, branch)],
    expiresWhen: ["git:refs", "passed:git push", `passed:git push -u ${remote} ${branch}`],
    ttlMs,
  })
}

/** What the usual hosts say of a branch that takes changes by a request to merge only. */
const saysProtected =
  /\bGH006\b|\b[Pp]rotected branch|\bTF402455\b|(?:must be made|can only be modified) through (?:a )?pull requests?\b/

/** The remote has a rule of its own; a concurrent push is none. */
const saysNo = /\[remote rejected\](?![^\n]*cannot lock ref)/

const leadAround = (
  situation: Failed,
  at: ProbeAnswer<"gitBranch">,
  branch: string,
  remote: string,
  own: ProbeAnswer<"gitUnpushed"> | undefined,
): Proposal => {
  const { command, exit } = situation.data
  const apart =
    own === undefined || own === null || situation.workspace === null
      ? null
      : ownBranch(branch, own, at.branches, situation.workspace)
  return propose(name, situation, {
    title:
      apart === null
        ? `${remote} protects ${branch}: it takes changes by a request to merge only`
        : `${remote} protects ${branch}: push what is new as ${apart.name}`,
    why: [
      { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null },
      "the remote said that the branch is protected",
      ...(apart === null ? [] : [`${branch} goes back to ${at.upstream}`]),
    ],
    same: ["protected", branch, remote, apart?.first ?? at.head],
    mode: apart === null ? "notify" : "draft",
    actions: apart === null ? [] : [...apart.actions, pushWithUpstream(remote, apart.name)],
    risk: apart === null ? "low" : "medium",
    expiresWhen: ["git:refs", "git:HEAD", `passed:${sameLine(command)}`],
    ttlMs,
  })
}

const integrate = (
  situation: Failed,
  at: ProbeAnswer<"gitBranch">,
  branch: string,
  upstream: string,
  hooked: boolean,
  own: ProbeAnswer<"gitUnpushed"> | undefined,
): Proposal | Silence => {
  const { exit, command, output = "" } = situation.data
  const remote = at.remotes.find((each) => upstream.startsWith(`${each}/`))
  if (saysNo.test(output)) {
    return remote !== undefined && saysProtected.test(output)
      ? leadAround(situation, at, branch, remote, own)
      : silent("the remote refused it by a rule of its own")
  }
  const refused = exit === 1 || /\[rejected\]|non-fast-forward|fetch first/.test(output)
  if (!refused)
    return silent("the push did not reach the point of being refused: no upstream or history problem")
  const why = [
    { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null },
    ...(at.behind === null
      ? []
      : [`${branch} is ${at.behind} behind and ${at.ahead ?? 0} ahead of ${upstream}`]),
  ]
  const rejected = /\[rejected\]|non-fast-forward|fetch first/.test(output)
  if (at.rewritten === true) {
    return propose(name, situation, {
      title: `${upstream} has what you have rewritten here: a rebase would bring it back`,
      why: [...why, "the upstream's newest commit was this branch's own before"],
      same: ["rewritten", branch, upstream, at.upstreamSha, at.head],
      mode: "notify",
      expiresWhen: ["upstream:taken", "git:refs", "git:HEAD", `passed:${sameLine(command)}`],
      ttlMs,
    })
  }
  if ((at.behind ?? 0) > 0 || rejected) {
    return propose(name, situation, {
      title: `Rebase ${branch} onto ${upstream}, then push again`,
      why,
      same: ["behind", branch, upstream, at.upstreamSha],
      actions: [pull("rebase")],
      alternatives: [[pull("merge")]],
      risk: "medium",
      expiresWhen: ["upstream:taken", "git:refs", "git:HEAD", `passed:${sameLine(command)}`],
      ttlMs,
    })
  }
  if (hooked) return silent("its pre-push hook may have refused it as well as the remote")
  if (remote === undefined) return silent("the upstream's remote is not known")
  return propose(name, situation, {
    title: `Fetch ${remote}: it refused the push of ${branch}`,
    why: [...why, "a refused push often means that the remote has newer commits than the last fetch saw"],
    same: ["refused", branch, upstream, at.head],
    mode: "question",
    actions: [fetch(remote)],
    expiresWhen: ["upstream:taken", "git:refs", "git:HEAD", `passed:${sameLine(command)}`],
    ttlMs,
  })
}

export const pushFailed: Reflex = {
  name,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "command.failed") && pushOf(situation.data.command) !== null,
  probes: () => [{ _tag: "gitBranch" }, { _tag: "gitHooks" }, { _tag: "gitUnpushed" }],
  propose: (situation: Situation, facts) => {
    if (!isSituation(situation, "command.failed")) return silent("not a failed command")
    const push = pushOf(situation.data.command)
    const at = facts.get<"gitBranch">({ _tag: "gitBranch" })
    if (push === null) return silent("not a plain push")
    if (at === undefined) return unknown("the branch")
    if (at.branch === null) return silent("HEAD is detached: there is no branch to push")
    if (at.operation !== null) return silent(`a ${at.operation} is under way`)
    if (push.refspec !== null && !names(push.refspec, at.branch))
      return silent("it pushed something else than the branch that is checked out")
    const hooks = facts.get<"gitHooks">({ _tag: "gitHooks" })?.hooks ?? []
    const hooked = hooks.some((hook) => hook.name === "pre-push")
    return at.upstream === null
      ? setUpstream(situation, push, at, at.branch)
      : integrate(
          situation,
          at,
          at.branch,
          at.upstream,
          hooked,
          facts.get<"gitUnpushed">({ _tag: "gitUnpushed" }),
        )
  },
}
