/** Large files, products of programs and system litter that are about to be committed: offer to unstage them. */
import type { ProbeAnswer } from "../../domain/probeAnswers.ts"
import { unstage } from "../actions.ts"
import type { Reflex } from "../Decider.ts"
import { baseName, isBesideTests, isGenerated } from "../paths.ts"
import { listed, propose, silent, unknown } from "../proposal.ts"
import { isSituation } from "../situationData.ts"
import { stagedExpiry, stagedRequest } from "./stagedFiles.ts"

const name = "large-or-generated-staged"
const largeBytes = 5 * 1024 * 1024

type Staged = ProbeAnswer<"gitStaged">["files"][number]

/** Tests and examples hold such on purpose; what the system or an installation leaves is litter there, too. */
const litter = /^(?:\.DS_Store|Thumbs\.db|desktop\.ini)$/
const isMeant = (path: string): boolean =>
  isBesideTests(path) && !path.includes("node_modules/") && !litter.test(baseName(path))

/** Only what is new: a product that is tracked already is tracked on purpose. */
const reason = (file: Staged): string | null => {
  if (file.bytes !== null && file.bytes > largeBytes && file.status !== "D") {
    return `${file.path} has ${(file.bytes / 1_048_576).toFixed(1)} MiB`
  }
  return file.status === "A" && isGenerated(file.path) && !isMeant(file.path)
    ? `${file.path} is made by a program`
    : null
}

export const unwantedStaged: Reflex = {
  name,
  situations: ["index.staged"],
  applies: (situation) => isSituation(situation, "index.staged") && situation.data.paths.length > 0,
  probes: () => [stagedRequest],
  propose: (situation, facts) => {
    const staged = facts.get<"gitStaged">(stagedRequest)
    if (staged === undefined) return unknown("what is staged")
    const unwanted = staged.files.flatMap((file) => {
      const why = reason(file)
      return why === null ? [] : [{ path: file.path, why }]
    })
    if (unwanted.length === 0) return silent("nothing staged is large or generated")
    const paths = unwanted.map((file) => file.path).toSorted()
    return propose(name, situation, {
      title: `Unstage ${listed(paths)}: large or generated`,
      why: [
        {
          text: `${situation.evidence.length === 0 ? "files" : listed(paths)} staged`,
          seq: situation.evidence.at(-1) ?? null,
        },
        ...unwanted.slice(0, 5).map((file) => file.why),
      ],
      same: paths,
      actions: [unstage(paths)],
      expiresWhen: stagedExpiry,
    })
  },
}
