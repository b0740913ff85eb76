/** All corrections that ship as data. */
import type { CorrectionData } from "../../../config/correctionRules.ts"
import { toolRules } from "./tools.ts"

export const shippedRules: ReadonlyArray<CorrectionData> = [...toolRules]
