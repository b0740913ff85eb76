/** The gate's rules from this machine's directories; the same for the daemon and for `claw policy` without one. */
import { join } from "node:path"
import { Policies } from "../../policies/Policies.ts"
import type { DirectoriesShape } from "../config/Directories.ts"
import { isCompromised } from "../domain/compromised/compromised.ts"

/** The user's own rule files, below the configuration directory. */
export const policyFolder = "policies"

export const policiesLayer = (directories: DirectoriesShape) =>
  Policies.layer({
    userDir: join(directories.config, policyFolder),
    own: [directories.config, directories.data, directories.state, directories.runtime],
    isCompromised: (name, version) => isCompromised("any", name, version ?? "*") !== null,
  })
