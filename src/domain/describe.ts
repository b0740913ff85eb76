/** One line of what an event says, for people: log, why, feed. Pure; the caller neutralises outside text on display. */
import { counted } from "./counted.ts"
import type { Event } from "./event.ts"
import type { Weighed } from "./events/thought.ts"
import { answerText } from "./question.ts"

const files = (paths: ReadonlyArray<string>): string =>
  paths.length <= 3 ? paths.join(", ") : `${paths.slice(0, 3).join(", ")} and ${paths.length - 3} more`

const short = (sha: string): string => sha.slice(0, 8)

/** What the model's confidence was worth, and by which count. */
const weighedText = (weighed: Weighed | undefined): string =>
  weighed === undefined
    ? ""
    : ` (confidence ${weighed.confidence}, worth ${weighed.calibrated}: ${weighed.kept} of ${weighed.shown} alike were kept)`

export const describe = (event: Event): string => {
  if (event.payload === null) return "(erased)"
  switch (event.type) {
    case "fs.changed": {
      const { counts, changes } = event.payload
      const total = counts.add + counts.change + counts.unlink + counts.rename
      return `${counted(total, "file")}: ${files(changes.map((change) => `${change.kind} ${change.path}`))}`
    }
    case "git.commit":
      return `${event.payload.amend === true ? "amended" : "commit"} ${short(event.payload.sha)} ${event.payload.subject}`
    case "git.checkout":
    case "git.merge":
    case "git.rebase":
    case "git.reset":
    case "git.pull":
    case "git.cherry-pick":
    case "git.revert":
      return `${short(event.payload.from)} -> ${short(event.payload.to)} ${event.payload.branch ?? "(detached)"}: ${event.payload.subject}`
    case "git.staged":
      return event.payload.count === 0
        ? "nothing staged"
        : `${event.payload.count} staged: ${files(event.payload.files.map((file) => file.path))}`
    case "git.conflict":
      return `${event.payload.count} in conflict (${event.payload.operation}): ${files(event.payload.paths)}`
    case "git.branch":
      return `branch ${event.payload.name} ${event.payload.action}`
    case "git.fetched":
      return `fetched ${files(event.payload.refs.map((ref) => ref.name))}`
    case "git.operation":
      return event.payload.operation === null
        ? `${event.payload.was ?? "operation"} ended`
        : `${event.payload.operation} under way`
    case "git.stash":
      return `stash ${event.payload.action}: ${event.payload.subject}`
    case "git.lock":
      return `index.lock is ${Math.round(event.payload.ageMs / 1000)} s old`
    case "git.repository":
      return `repository ${event.payload.state}${event.payload.reason === null ? "" : `: ${event.payload.reason}`}`
    case "terminal.command":
      return `${event.payload.exit === 0 ? "ok" : `exit ${event.payload.exit}`} $ ${event.payload.command}`
    case "terminal.lost":
      return `${event.payload.bytes} bytes of a shell's record skipped: ${event.payload.reason}`
    case "terminal.waiting":
      return `${event.payload.program} waits for an answer`
    case "situation.opened":
      return `${event.payload.kind}: ${event.payload.subject}`
    case "situation.facts":
      return event.payload.facts
        .map((fact) => fact.probe._tag + (fact.unavailable === null ? "" : " (unavailable)"))
        .join(", ")
    case "situation.read":
      return `read ${event.payload.path} (${event.payload.bytes} bytes${event.payload.cut ? ", cut" : ""})`
    case "situation.prepared":
      return `${event.payload.pieces.length} pieces to think about${event.payload.left === 0 ? "" : `, ${event.payload.left} left out`}`
    case "situation.thought": {
      const { skipped, triage } = event.payload
      return triage === null
        ? `not thought about (${skipped?.reason ?? "failed"}): ${skipped?.message ?? ""}`
        : `${triage.decision} at ${triage.confidence}: ${triage.decision === "silent" ? triage.reason : triage.title}`
    }
    case "situation.drafted": {
      const { actions, skipped, title } = event.payload
      return skipped === null
        ? `drafted ${title} (${actions.length} calls)`
        : `not drafted (${skipped.reason}): ${skipped.message}`
    }
    case "decision.silent":
      return `silent (${event.payload.rule}): ${event.payload.reason}${weighedText(event.payload.weighed)}`
    case "decision.digest":
    case "decision.notify":
    case "decision.question":
    case "decision.draft":
      return `${event.payload.proposal.rule}: ${event.payload.proposal.title}${weighedText(event.payload.weighed)}`
    case "decision.shown":
    case "decision.withheld":
      return event.payload.reason
    case "decision.outcome":
      return event.payload.outcome
    case "decision.expired":
      return `expired: ${event.payload.reason}`
    case "attention.asked":
      return "the digest was asked for"
    case "decision.tick":
      return "looked again"
    case "policy.verdict": {
      const { verdict } = event.payload
      return `${verdict.verdict} by ${verdict.rule} (${verdict.file}:${verdict.line}): ${verdict.reason}`
    }
    case "policy.granted":
      return `always${event.payload.until === null ? "" : ` until ${event.payload.until}`}: ${event.payload.title} (${event.payload.grant})`
    case "policy.revoked":
      return `revoked ${event.payload.grant}${event.payload.reason === "" ? "" : `: ${event.payload.reason}`}`
    case "approval.approved":
      return `approved (${event.payload.surface})`
    case "approval.waived":
      return `no approval needed: ${event.payload.reason}`
    case "approval.rejected":
      return `rejected (${event.payload.surface}): ${event.payload.reason}`
    case "approval.snoozed":
      return `snoozed until ${event.payload.until}`
    case "approval.edited":
      return `edited (${event.payload.surface})`
    case "approval.voided":
      return `not approved any more: ${[event.payload.reason, ...event.payload.changed].join("; ")}`
    case "approval.retried":
      return `asked for once more as ${event.payload.as} (${event.payload.surface})`
    case "approval.undo":
      return `undo asked (${event.payload.surface})`
    case "tool.requested":
      return event.payload.title
    case "tool.started":
      return `started ${event.payload.tool} (${event.payload.sandbox === "bubblewrap" ? "sandboxed" : event.payload.sandbox})`
    case "tool.finished":
      return `${event.payload.ok ? "done" : "failed"}${event.payload.exit === null ? "" : `, exit ${event.payload.exit}`} in ${event.payload.durationMs} ms`
    case "tool.failed":
      return `${event.payload.reason}: ${event.payload.message}`
    case "tool.undone":
      return `undone: ${[
        event.payload.paths.length === 0 ? "nothing to put back" : files(event.payload.paths),
        ...(event.payload.merged === undefined ? [] : [`merged ${files(event.payload.merged)}`]),
        ...(event.payload.kept === undefined ? [] : [`kept ${files(event.payload.kept)}`]),
      ].join(", ")}`
    case "tool.undo-refused":
      return `not undone: ${event.payload.reason}`
    case "session.message": {
      const { attachments, message } = event.payload
      return `${message}${attachments.length === 0 ? "" : ` (${files(attachments.map(({ path }) => path))})`}`
    }
    case "session.asked":
      return `asked: ${event.payload.text}`
    case "session.answered":
      return `answered (${event.payload.surface}): ${answerText(event.payload.answer)}`
    case "session.closed":
      return `no answer: ${event.payload.reason}`
    case "session.todos": {
      const { todos } = event.payload
      const done = todos.filter(({ status }) => status === "completed").length
      const now = todos.find(({ status }) => status === "in_progress")
      return `${done} of ${todos.length} done${now === undefined ? "" : `, ${now.activeForm}`}`
    }
    case "session.opened":
      return `${event.payload.kind} ${event.payload.session} with ${event.payload.model}: ${event.payload.title}`
    case "session.prepared":
      return `${event.payload.sections.length} sections stand before ${event.payload.session}`
    case "session.said":
      return `said: ${event.payload.text}`
    case "session.attached":
      return `attached ${files(event.payload.files.map(({ path }) => path))}`
    case "session.results":
      return event.payload.results.map(({ ok, tool }) => `${tool} ${ok ? "ok" : "failed"}`).join(", ")
    case "session.noted":
      return `${event.payload.kind}: ${event.payload.text}`
    case "session.rested":
      return `${event.payload.reason}: ${event.payload.message}`
    case "session.stopped":
      return `stopped ${event.payload.session}`
    case "session.changed":
      return Object.entries(event.payload)
        .filter(([key]) => key !== "session")
        .map(([key, value]) => `${key} is ${JSON.stringify(value)}`)
        .join(", ")
    case "session.compacted":
      return `what was said up to ${event.payload.upTo} is ${event.payload.lines.length} lines in the prompt`
    case "session.rewound":
      return `back to ${event.payload.to}${event.payload.files ? ", with the files" : ""}`
    case "session.archived":
      return `${event.payload.session} ${event.payload.restored ? "restored" : "archived"}`
    case "agent.queued":
      return `${event.payload.type} ${event.payload.agent}: ${event.payload.title}`
    case "agent.running":
      return `${event.payload.agent} works`
    case "agent.waiting":
      return `${event.payload.agent} waits for an answer to ${event.payload.on.join(", ")}`
    case "agent.succeeded":
    case "agent.failed":
    case "agent.timed-out":
    case "agent.cancelled":
    case "agent.lost": {
      const { agent, message, patch } = event.payload
      return `${agent}${message === "" ? "" : `: ${message}`}${patch === null ? "" : ` (its changes: ${patch})`}`
    }
    case "agent.tree":
      return `worktree of ${event.payload.agent} ${event.payload.state}: ${event.payload.path}${event.payload.message === "" ? "" : ` (${event.payload.message})`}`
    case "board.put":
      return `${event.payload.session} put ${event.payload.key} (version ${event.payload.version})`
    case "board.taken":
      return `${event.payload.session} took ${event.payload.key}`
    case "memory.proposed":
      return `${event.payload.layer} to remember: ${event.payload.text}`
    case "memory.accepted":
      return `remembered ${event.payload.memory}: ${event.payload.text ?? event.payload.reason}`
    case "memory.rejected":
      return `not remembered ${event.payload.memory}: ${event.payload.reason}`
    case "memory.forgotten":
      return `forgot ${event.payload.memory}: ${event.payload.reason}`
    case "memory.restored":
      return `remembered ${event.payload.memory} again`
    case "memory.used":
      return `told ${event.payload.memories.length} memories in ${event.payload.session}`
    case "memory.extracted":
      return `looked through ${event.payload.session}: ${event.payload.proposed} worth keeping, ${event.payload.dropped} dropped`
    case "session.skilled":
      return `took up the skill ${event.payload.skill}`
    case "model.requested":
      return `${event.payload.purpose} asks ${event.payload.model}, ${event.payload.bytes} bytes`
    case "model.answered": {
      const { resumed = 0, usage, usd } = event.payload
      const read = usage.input + usage.cacheRead + usage.cacheWrite
      return `${event.payload.served}: ${read} tokens in, ${usage.output} out, ${usd === null ? "unpriced" : `$${usd.toFixed(4)}`}${resumed === 0 ? "" : `, resumed ${resumed === 1 ? "once" : `${resumed} times`}`}`
    }
    case "model.failed":
      return `${event.payload.reason}: ${event.payload.message}`
    case "model.paused":
    case "model.warned": {
      const { key, limitUsd, scope, spentUsd } = event.payload
      return `$${spentUsd.toFixed(2)} of $${limitUsd.toFixed(2)} for ${scope} ${key}`
    }
    case "model.raised":
      return `$${event.payload.limitUsd.toFixed(2)} for ${event.payload.scope} ${event.payload.key}`
    case "task.started":
      return `${event.payload.tool} in the background (${event.payload.task}): ${event.payload.title}`
    case "task.lines": {
      const { dropped, lines, task } = event.payload
      return `${task}: ${lines.join(" / ").slice(0, 300)}${dropped === 0 ? "" : ` (${dropped} more lines not kept)`}`
    }
    case "task.ended": {
      const { exit, message, reason, task } = event.payload
      return `${task} ${reason}${exit === null ? "" : `, exit ${exit}`}${message === "" ? "" : `: ${message}`}`
    }
    case "daemon.started":
      return `claw ${event.payload.version} started (pid ${event.payload.pid})`
    case "daemon.stopped":
      return `stopped: ${event.payload.reason}`
    case "daemon.paused":
      return event.payload.until === null ? "paused" : `paused until ${event.payload.until}`
    case "daemon.resumed":
      return `resumed: ${event.payload.reason}`
    case "daemon.workspace":
      return `workspace ${event.payload.action}: ${event.payload.path}`
    case "daemon.health":
      return `${event.payload.component} ${event.payload.state}${event.payload.backend === null ? "" : ` (${event.payload.backend})`}${event.payload.detail === "" ? "" : `: ${event.payload.detail}`}`
    case "daemon.trusted":
      return `trusted ${files(Object.keys(event.payload.digests))} in ${event.payload.workspace}`
    case "daemon.config":
      return `${event.payload.accepted ? "loaded" : "refused"} ${event.payload.file}: ${event.payload.message.replaceAll("\n", "; ")}`
    case "daemon.reflexes":
      return `own rules in force: ${files(event.payload.files.map(({ file }) => file))}${event.payload.problems.length === 0 ? "" : `; ${counted(event.payload.problems.length, "problem")}: ${event.payload.problems[0]}`}`
    case "log.recovered":
      return `recovered ${counted(event.payload.events, "event")}, lost ${event.payload.lost}`
    case "log.erased":
      return `erased ${counted(event.payload.seqs.length, "payload")}: ${event.payload.reason}`
    case "log.checkpoint":
      return `signed the first ${event.payload.size} events: ${short(event.payload.root)}`
    case "log.anchored":
      return `the checkpoint of ${event.payload.size} events is in ${event.payload.to}`
    case "log.archived":
      return `${event.payload.deleted === true ? "deleted the archive of" : "archived"} ${event.payload.from} to ${event.payload.to} in ${event.payload.file}: ${event.payload.reason}`
  }
}
