/** Every rule that ships, in the order their decisions are logged. */
import { findSecrets } from "../domain/secrets/findSecrets.ts"
import { correctionReflexes } from "./corrections/reflexes.ts"
import type { Reflex } from "./Decider.ts"
import { behindUpstream } from "./reflexes/behindUpstream.ts"
import { failsElsewhere, flakyTest } from "./reflexes/checks.ts"
import { compromisedDependency } from "./reflexes/compromisedDependency.ts"
import { conflictMarkers } from "./reflexes/conflictMarkers.ts"
import { dependenciesMissing, dependenciesOutOfStep } from "./reflexes/dependencies.ts"
import { leftoversStaged } from "./reflexes/leftoversStaged.ts"
import { longRun } from "./reflexes/longRun.ts"
import { missingModule } from "./reflexes/missingModule.ts"
import { portInUse } from "./reflexes/portInUse.ts"
import { pushFailed } from "./reflexes/pushFailed.ts"
import { ruleSilenced } from "./reflexes/ruleSilenced.ts"
import { runAgain } from "./reflexes/runAgain.ts"
import { makeSecretStaged } from "./reflexes/secretStaged.ts"
import { staleIndexLock } from "./reflexes/staleIndexLock.ts"
import { uncommittedWork } from "./reflexes/uncommittedWork.ts"
import { unwantedStaged } from "./reflexes/unwantedStaged.ts"

export const reflexes: ReadonlyArray<Reflex> = [
  makeSecretStaged(findSecrets),
  compromisedDependency,
  conflictMarkers,
  unwantedStaged,
  leftoversStaged,
  pushFailed,
  missingModule,
  dependenciesMissing,
  portInUse,
  staleIndexLock,
  dependenciesOutOfStep,
  runAgain,
  failsElsewhere,
  flakyTest,
  longRun,
  behindUpstream,
  uncommittedWork,
  ruleSilenced,
  ...correctionReflexes,
]
