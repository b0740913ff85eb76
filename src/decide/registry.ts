/** Every rule that ships, in the order their decisions are logged. */
import { findSecrets } from "../domain/secrets/findSecrets.ts"
import { correctionReflexes } from "./corrections/reflexes.ts"
import type { Reflex } from "./Decider.ts"
import { amendedPushed } from "./reflexes/amendedPushed.ts"
import { behindUpstream } from "./reflexes/behindUpstream.ts"
import { branchGone } from "./reflexes/branchGone.ts"
import { failsElsewhere, flakyTest } from "./reflexes/checks.ts"
import { compromisedDependency } from "./reflexes/compromisedDependency.ts"
import { compromisedNamed } from "./reflexes/compromisedNamed.ts"
import { certificateRefused, nobodyListens, offline } from "./reflexes/connections.ts"
import { conflictMarkers } from "./reflexes/conflictMarkers.ts"
import { dependenciesMissing, dependenciesOutOfStep } from "./reflexes/dependencies.ts"
import { commitsLeft, detachedCommits } from "./reflexes/detachedCommits.ts"
import { otherVersion, variablesMissing, versionMissing } from "./reflexes/environment.ts"
import { hookFailed } from "./reflexes/hookFailed.ts"
import { largeCommitted, largePushed } from "./reflexes/largeCommitted.ts"
import { leftoversStaged } from "./reflexes/leftoversStaged.ts"
import { longRun } from "./reflexes/longRun.ts"
import { diskFull, tooManyFiles, wrongOwner } from "./reflexes/machine.ts"
import { managedPython } from "./reflexes/managedPython.ts"
import { missingModule } from "./reflexes/missingModule.ts"
import { operationLeftOpen, operationResolved } from "./reflexes/operationWaiting.ts"
import { portInUse } from "./reflexes/portInUse.ts"
import { pushFailed } from "./reflexes/pushFailed.ts"
import { ruleFailed } from "./reflexes/ruleFailed.ts"
import { ruleSilenced } from "./reflexes/ruleSilenced.ts"
import { runAgain } from "./reflexes/runAgain.ts"
import { makeSecretCommitted } from "./reflexes/secretCommitted.ts"
import { makeSecretStaged } from "./reflexes/secretStaged.ts"
import { secretTyped } from "./reflexes/secretTyped.ts"
import { staleIndexLock } from "./reflexes/staleIndexLock.ts"
import { stashBehind, stashForgotten } from "./reflexes/stashes.ts"
import { submoduleDrift } from "./reflexes/submoduleDrift.ts"
import { uncommittedWork } from "./reflexes/uncommittedWork.ts"
import { unpushed } from "./reflexes/unpushed.ts"
import { unwantedStaged } from "./reflexes/unwantedStaged.ts"
import { wrongBranch } from "./reflexes/wrongBranch.ts"
import { waitsForAnswer } from "./reflexes/waiting.ts"

export const reflexes: ReadonlyArray<Reflex> = [
  makeSecretStaged(findSecrets),
  makeSecretCommitted(findSecrets),
  compromisedDependency,
  compromisedNamed,
  secretTyped,
  conflictMarkers,
  unwantedStaged,
  leftoversStaged,
  commitsLeft,
  pushFailed,
  largePushed,
  hookFailed,
  missingModule,
  managedPython,
  dependenciesMissing,
  portInUse,
  staleIndexLock,
  dependenciesOutOfStep,
  runAgain,
  failsElsewhere,
  flakyTest,
  longRun,
  waitsForAnswer,
  diskFull,
  tooManyFiles,
  wrongOwner,
  nobodyListens,
  certificateRefused,
  offline,
  otherVersion,
  versionMissing,
  variablesMissing,
  wrongBranch,
  detachedCommits,
  largeCommitted,
  amendedPushed,
  operationResolved,
  operationLeftOpen,
  stashBehind,
  stashForgotten,
  submoduleDrift,
  branchGone,
  behindUpstream,
  unpushed,
  uncommittedWork,
  ruleSilenced,
  ruleFailed,
  ...correctionReflexes,
]
