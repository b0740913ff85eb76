/** A file of rules: what users write as `[[correction]]` and `[[reflex]]`, and which keys stand where. */
import { CorrectionData, EditData, ExampleData, NearData, WhenData } from "./correctionRules.ts"
import { ReflexData, ReflexExample } from "./reflexRules.ts"

export const ruleTables = ["correction", "reflex"] as const
export type RuleTable = (typeof ruleTables)[number]

const namesOf = (schema: { readonly fields: Readonly<Record<string, unknown>> }): ReadonlyArray<string> =>
  Object.keys(schema.fields)

/** Keys allowed beside the last one of a path in a rule: none stands for the rule's own. */
export const keysBeside = (table: RuleTable, path: ReadonlyArray<string | number>): ReadonlyArray<string> => {
  const [part] = path
  if (table === "reflex") return namesOf(path.length <= 1 ? ReflexData : ReflexExample)
  if (path.length <= 1) return namesOf(CorrectionData)
  switch (part) {
    case "answer":
      return namesOf(EditData)
    case "near":
      return namesOf(NearData)
    case "when":
      return namesOf(WhenData)
    default:
      return namesOf(ExampleData)
  }
}
