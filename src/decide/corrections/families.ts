/**
 * Every family of corrections, in the order in which they are believed: what a tool's own words settle comes before
 * what it proposed in general, and that before a guess from a list; rights come last.
 */
import { unpackTar, unpackZip } from "./archives.ts"
import type { Family } from "./Correction.ts"
import * as files from "./files.ts"
import * as folders from "./folders.ts"
import * as git from "./git.ts"
import * as gitPaths from "./gitPaths.ts"
import * as unseen from "./gitUnseen.ts"
import * as history from "./gitHistory.ts"
import * as remotes from "./gitRemotes.ts"
import * as verbs from "./gitVerbs.ts"
import * as paths from "./mistypedPaths.ts"
import * as system from "./systemPackages.ts"
import * as tasks from "./tasks.ts"
import * as mistyped from "./mistyped.ts"
import { listedOption, usageOption, usageVerb } from "./options.ts"
import * as other from "./otherTools.ts"
import * as packages from "./packages.ts"
import * as privileges from "./privileges.ts"
import { mistypedModule } from "./pythonModules.ts"
import * as project from "./projectTools.ts"
import * as services from "./serviceTools.ts"
import * as shell from "./shellLine.ts"
import { pathLikeBefore } from "./pastPaths.ts"
import { mistypedRedirect } from "./redirects.ts"
import { spelledOut } from "./saidInstead.ts"
import { openPlace } from "./sourcePlace.ts"
import { compileCorrection } from "../rules/compile.ts"
import { clusterToolRules } from "./shipped/clusterTools.ts"
import { toolRules } from "./shipped/tools.ts"
import { suggestedProgram, suggestedWord } from "./suggested.ts"
import { toldFirst } from "./toldFirst.ts"
import {
  listedWord,
  mavenGoal,
  unknownBelow,
  unknownSubcommand,
  unseenSubcommand,
  usageList,
} from "./unknownSubcommand.ts"

export const families: ReadonlyArray<Family> = [
  {
    name: "mistyped-command",
    corrections: [
      mistyped.mistypedGitSubcommand,
      mistyped.mistypedNpmSubcommand,
      mistyped.mistypedScript,
      unseenSubcommand,
      unseen.mistypedBranch,
      unseen.commitUnstaged,
      tasks.unseenTarget,
      mistyped.train,
      shell.twice,
      shell.promptPasted,
      shell.blankThatIsNone,
      shell.otherLayout,
      shell.mistypedScheme,
      shell.mixedQuotes,
      shell.cedilla,
      files.upTwice,
      suggestedProgram,
      git.cloneAddress,
      services.testScript,
      other.projectWrapper,
      other.ranBefore,
      files.besideHere,
      shell.gluedWord,
      system.installProgram,
      privileges.ownPath,
      mistyped.mistypedProgram,
    ],
  },
  {
    name: "correct-git",
    corrections: [
      git.zeroForDash,
      git.cloneTwice,
      git.twoDashes,
      git.optionAfterPath,
      verbs.helpOfAlias,
      verbs.bisect,
      verbs.stashVerb,
      verbs.remoteVerb,
      verbs.remoteUnknown,
      verbs.remoteExists,
      verbs.lfs,
      git.addFirst,
      remotes.mergeRemote,
      gitPaths.mistypedAdded,
      gitPaths.mistypedRestored,
      gitPaths.messageUnquoted,
      gitPaths.moveInto,
      git.checkoutBranch,
      git.trunkRenamed,
      gitPaths.nearBranch,
      git.branchFirst,
      history.addForce,
      history.deleteUnmerged,
      history.deleteCheckedOut,
      history.branchExists,
      history.branchList,
      history.commitAll,
      history.hookRefused,
      history.afterCommit,
      history.unrelated,
      remotes.noTracking,
      history.stashPop,
      remotes.pullUncommitted,
      history.stashFirst,
      remotes.upstream,
      remotes.otherName,
      remotes.integrateFirst,
      remotes.nothingToPush,
      history.rebaseUnderWay,
      history.rebaseEmpty,
      history.tagExists,
      history.removeStaged,
      history.removeDirectory,
      git.noIndex,
      git.diffStaged,
    ],
  },
  {
    name: "correct-files",
    corrections: [
      folders.catDirectory,
      folders.copyDirectory,
      folders.removeDirectory,
      files.removeRoot,
      folders.makeParents,
      paths.changeDirectory,
      files.linkOrder,
      files.linkDirectory,
      files.grepOrder,
      folders.grepDirectory,
      files.sedUnterminated,
      files.openAddress,
      folders.makeDestination,
      paths.mistypedRun,
      mistypedRedirect,
      paths.mistypedPath,
      paths.pathBefore,
      pathLikeBefore,
      files.makeRunnable,
      other.pythonScript,
      files.listAll,
      unpackTar,
      unpackZip,
    ],
  },
  {
    name: "correct-packages",
    corrections: [
      system.aptUpgradable,
      system.aptUpgrade,
      system.aptSearch,
      system.chocoInstaller,
      system.brewInstall,
      system.brewUninstall,
      system.brewUpdate,
      system.brewLink,
      system.brewCask,
      mistypedModule,
      packages.npmScript,
      packages.npmListed,
      packages.yarnInstead,
      packages.pipUser,
      system.pacmanCase,
      packages.pythonModule,
    ],
  },
  {
    name: "correct-tools",
    corrections: [
      ...[...toolRules, ...clusterToolRules].map(compileCorrection),
      tasks.gradleTask,
      tasks.gruntTask,
      tasks.gulpTask,
      tasks.makeTarget,
      project.railsMigrate,
      project.goRun,
      project.javaCompile,
      project.javaClass,
      project.javacName,
      project.pythonFile,
      project.phpServer,
      project.proveRecursively,
      project.workon,
      services.dockerImageUsed,
      services.herokuApp,
      services.systemctlOrder,
      services.hadoopDash,
      services.hadoopFiles,
      services.portTaken,
      services.networkDevice,
      services.sshHostKey,
      services.whoisHost,
      services.manPage,
      services.manSection,
      other.cargoAlone,
      other.otherRepository,
      other.likeBefore,
      mavenGoal,
    ],
  },
  {
    name: "correct-suggested",
    corrections: [
      suggestedWord,
      usageVerb,
      listedOption,
      usageOption,
      verbs.unknownSubcommand,
      listedWord,
      usageList,
      unknownSubcommand,
      unknownBelow,
      spelledOut,
      toldFirst,
      shell.longHelp,
      openPlace,
    ],
  },
  { name: "correct-rights", corrections: [privileges.notRoot, privileges.asRoot] },
]
