/**
 * Connections that failed: nobody listens, a certificate does not hold, there is no way out. Facts and what they mean;
 * that a check be switched off is never proposed. Offline is said once, whatever else fails for it.
 */
import { bash } from "../actions.ts"
import { checkKind, sameLine } from "../checks.ts"
import type { Memory, Reflex } from "../Decider.ts"
import { fingerprintOf, propose, silent, unknown } from "../proposal.ts"
import { isSituation, type SituationOf } from "../situationData.ts"
import { onlyCommand } from "../words.ts"
import { explaining } from "./machine.ts"

type Failed = SituationOf<"command.failed">
const outputOf = ({ data }: Failed): string => data.output ?? ""

const local = String.raw`(?:127\.0\.0\.1|localhost|\[?::1\]?|0\.0\.0\.0)`
const refusals: ReadonlyArray<RegExp> = [
  new RegExp(String.raw`ECONNREFUSED ${local}:(\d{2,5})`),
  new RegExp(
    String.raw`[Cc]onnect to ${local} port (\d{2,5})[^\n]{0,60}(?:refused|Could not connect|Couldn't connect|Failed to connect)`,
  ),
  new RegExp(
    String.raw`[Cc]onnection to server at "${local}"[^\n]{0,30}, port (\d{2,5}) failed: Connection refused`,
  ),
  new RegExp(String.raw`[Cc]ould not connect to Redis at ${local}:(\d{2,5}): Connection refused`),
  new RegExp(String.raw`dial tcp ${local}:(\d{2,5}): connect: connection refused`),
  new RegExp(String.raw`host='${local}', port=(\d{2,5})\)[^\n]{0,400}Connection refused`),
]

/** Services whose port is theirs almost everywhere, with words their starters are known by. */
const services: Readonly<Record<number, readonly [name: string, word: RegExp]>> = {
  3306: ["MySQL", /mysql|mariadb/],
  5432: ["PostgreSQL", /postgres|pg_ctl|\bdb\b/],
  5672: ["RabbitMQ", /rabbit/],
  6379: ["Redis", /redis|valkey/],
  9092: ["Kafka", /kafka/],
  9200: ["Elasticsearch", /elastic|opensearch/],
  11211: ["memcached", /memcache/],
  27017: ["MongoDB", /mongo/],
}

const portIn = (failed: Failed): number | null => {
  const output = outputOf(failed)
  for (const pattern of refusals) {
    const port = Number(pattern.exec(output)?.[1])
    if (port > 0 && port < 65_536) {
      // tests of refused connections print them too
      return checkKind(failed.data.command) === null || Object.hasOwn(services, port) ? port : null
    }
  }
  return null
}

/** Starts what goes on by itself, and comes back at once. */
const detaches =
  /^(?:docker[ -]compose(?: -\S+(?: [\w./-]+\.ya?ml)?)* up (?:\S+ )*(?:-d|--detach)\b|docker start |brew services start |systemctl --user start |pg_ctl .*\bstart\b|podman start )/

/** The newest command that can have started it. */
const starterIn = (memory: Memory, port: number): Memory["commands"][number] | undefined => {
  const service = services[port]
  const named = new RegExp(String.raw`(?:^|[^\d])${port}(?:[^\d]|$)`)
  return memory.commands.find(({ command, exit }) => {
    const starts = detaches.test(command)
    return (
      exit === 0 &&
      onlyCommand(command) !== null &&
      (starts
        ? service?.[1].test(command) === true ||
          named.test(command) ||
          /\bup (?:-d|--detach)$/.test(command.trim())
        : /^(?:npm|pnpm|yarn|bun|node|python3?|flask|rails|uvicorn|php|docker) /.test(command) &&
          named.test(command))
    )
  })
}

const refusedName = "nobody-listens"

export const nobodyListens: Reflex = {
  name: refusedName,
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) => isSituation(situation, "command.failed") && portIn(situation) !== null,
  probes: (situation) => {
    const port = isSituation(situation, "command.failed") ? portIn(situation) : null
    return port === null ? [] : [{ _tag: "portOwner", port }]
  },
  propose: (situation, facts, memory) => {
    const port = isSituation(situation, "command.failed") ? portIn(situation) : null
    if (port === null || !isSituation(situation, "command.failed")) return silent("no port is known")
    const owner = facts.get<"portOwner">({ _tag: "portOwner", port })
    if (owner === undefined) return unknown(`who listens on port ${port}`)
    if (owner !== null) return silent(`port ${port} is listened on now`)
    const { command, exit } = situation.data
    const service = services[port]?.[0]
    const starter = starterIn(memory, port)
    const ready = starter !== undefined && detaches.test(starter.command)
    const line = starter === undefined ? "" : sameLine(starter.command)
    const proposal = propose(refusedName, situation, {
      title: `Nobody listens on port ${port}${service === undefined ? "" : ` (${service})`}${ready ? `: run \`${line}\`` : ""}`,
      why: [
        {
          text: `\`${command}\` failed with exit ${exit}: its connection to this machine was refused`,
          seq: situation.evidence[0] ?? null,
        },
        `no program listens on port ${port} here`,
        ...(starter === undefined ? [] : [{ text: `\`${line}\` was run before`, seq: starter.seq }]),
      ],
      same: [ready ? line : null],
      mode: ready ? "draft" : "notify",
      risk: ready ? "medium" : "low",
      actions: ready ? [bash(line, starter.cwd)] : [],
      expiresWhen: [`passed:${sameLine(command)}`, ...(ready ? [`passed:${line}`] : [])],
      ttlMs: 30 * 60_000,
    })
    const evidence = starter === undefined ? situation.evidence : [starter.seq, ...situation.evidence]
    const subject = { ...situation, subject: `port ${port}` }
    return { ...proposal, evidence, fingerprint: fingerprintOf(refusedName, subject, [ready ? line : null]) }
  },
}

interface Trouble {
  readonly kind: string
  readonly pattern: RegExp
  readonly says: (host: string) => string
  readonly means: string
}

const troubles: ReadonlyArray<Trouble> = [
  {
    kind: "early",
    pattern: /certificate is not yet valid|CERT_NOT_YET_VALID|not valid before/i,
    says: (host) => `The certificate of ${host} is not valid yet, by this machine's clock`,
    means: "a certificate of the future is most often a clock that is behind",
  },
  {
    kind: "expired",
    pattern:
      /certificate has expired|CERT_HAS_EXPIRED|certificate verify failed: certificate has expired|certificate has expired or is not yet valid/i,
    says: (host) => `The certificate of ${host} has expired`,
    means: "whoever runs it has to renew it; a clock that is ahead looks the same",
  },
  {
    kind: "self-signed",
    pattern: /self[- ]signed certificate|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT/i,
    says: (host) => `The certificate of ${host} is vouched for by nobody this program trusts`,
    means:
      "a proxy, or a server with a CA of its own: its CA certificate can be trusted, once it is known to be the right one",
  },
  {
    kind: "issuer",
    pattern:
      /unable to get (?:local )?issuer certificate|UNABLE_TO_(?:GET_ISSUER_CERT(?:_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|certificate signed by unknown authority/i,
    says: (host) => `The issuer of the certificate of ${host} is not known to this program`,
    means: "its CA is missing in the store this program reads, or the server leaves out what lies between",
  },
  {
    kind: "name",
    pattern:
      /ERR_TLS_CERT_ALTNAME_INVALID|no alternative certificate subject name matches|certificate is valid for [^\n]{1,200}, not /i,
    says: (host) => `The certificate of ${host} is for other names`,
    means: "the name that was asked for is not in it: another server answered, or another name is meant",
  },
]

const hostIn = ({ data }: Failed): string | null =>
  (/https:\/\/([a-z0-9][a-z0-9.-]{0,200}[a-z0-9])/i.exec(data.output ?? "") ??
    /https:\/\/([a-z0-9][a-z0-9.-]{0,200}[a-z0-9])/i.exec(data.command))?.[1]?.toLowerCase() ?? null

/** As it was printed, where it was. */
const until =
  /not ?after[=: ]+([^\n]{6,40})|expired on ([^\n]{6,40}?)(?:[.\n]|$)|current time (\S{10,40}) is (?:after|before) (\S{10,40})/i

export const certificateRefused: Reflex = {
  name: "certificate-refused",
  situations: ["command.failed"],
  timing: "command",
  applies: (situation) =>
    isSituation(situation, "command.failed") &&
    troubles.some(({ pattern }) => pattern.test(outputOf(situation))),
  probes: () => [],
  propose: (situation) => {
    if (!isSituation(situation, "command.failed")) return silent("no failed command")
    const output = outputOf(situation)
    // go says both in one sentence, and which of them by the times behind it
    const late = /current time \S+ is after/.test(output)
    const trouble = troubles.find(({ kind, pattern }) => pattern.test(output) && !(late && kind === "early"))
    const host = hostIn(situation)
    if (trouble === undefined) return silent("no certificate is spoken of")
    if (host === null) return silent("whose certificate it is cannot be told")
    const { command, exit } = situation.data
    const printed = until.exec(output)
    const proposal = propose("certificate-refused", situation, {
      title: trouble.says(host),
      why: [
        { text: `\`${command}\` failed with exit ${exit}`, seq: situation.evidence[0] ?? null },
        ...(printed === null
          ? []
          : [{ text: `it says: ${printed[0].trim()}`, seq: situation.evidence[0] ?? null }]),
        trouble.means,
      ],
      same: [trouble.kind],
      mode: "notify",
      expiresWhen: [`passed:${sameLine(command)}`],
      ttlMs: 60 * 60_000,
    })
    const subject = { ...situation, workspace: null, subject: host }
    return { ...proposal, fingerprint: fingerprintOf("certificate-refused", subject, [trouble.kind]) }
  },
}

const unresolved =
  /\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH)\b|Could not resolve host|Temporary failure (?:in name resolution|resolving)|Name or service not known|Network is unreachable|no such host|dial tcp: lookup \S+/

export const offline: Reflex = explaining(
  "offline",
  (failed) => (unresolved.test(outputOf(failed)) ? { _tag: "network" } : null),
  (_, { way }) =>
    way
      ? silent("this machine has a way out: the name or its server is the trouble")
      : {
          about: "network",
          title: "This machine is offline: no route leads out of it",
          why: ["there is no default route; what else fails for it is not spoken of"],
          same: [],
        },
)
