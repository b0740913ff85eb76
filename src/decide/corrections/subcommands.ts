/**
 * Subcommands of common programs, from their own documentation: facts for telling a slip from a subcommand that
 * exists and failed. Aliases count as known and are proposed only where they are the usual spelling.
 */
const list = (text: string): ReadonlyArray<string> => text.trim().split(/\s+/)

export interface Subcommands {
  /** Proposed. */
  readonly usual: ReadonlyArray<string>
  /** Understood by the program, never proposed. */
  readonly also: ReadonlyArray<string>
}

const table: Readonly<Record<string, Subcommands>> = {
  git: {
    usual: list(`add am archive bisect blame branch bundle cat-file check-ignore check-ref-format checkout
      cherry cherry-pick clean clone column commit commit-graph config count-objects credential describe diff
      diff-files diff-index diff-tree difftool fast-export fast-import fetch fetch-pack filter-branch
      for-each-ref format-patch fsck gc grep gui hash-object help index-pack init instaweb interpret-trailers
      log ls-files ls-remote ls-tree maintenance merge merge-base merge-file merge-tree mergetool mv name-rev
      notes pack-objects pack-refs prune pull push range-diff read-tree rebase reflog remote repack replace
      request-pull rerere reset restore rev-list rev-parse revert rm send-email shortlog show show-branch
      show-ref sparse-checkout stage stash status stripspace submodule subtree switch symbolic-ref tag
      unpack-file unpack-objects update-index update-ref update-server-info var verify-commit verify-pack
      verify-tag version whatchanged worktree write-tree`),
    also: list(`annotate apply archimport backfill bugreport citool commit-tree credential-cache
      credential-store cvsexportcommit cvsimport cvsserver daemon diagnose diff-pairs fast-import for-each-repo
      fsck-objects fsmonitor--daemon get-tar-commit-id history hook http-backend http-fetch http-push
      imap-send init-db last-modified lfs mailinfo mailsplit merge-index merge-octopus merge-one-file
      merge-ours merge-recursive merge-resolve merge-subtree mktag mktree multi-pack-index p4 patch-id
      pickaxe prune-packed quiltimport receive-pack refs remote-ext remote-fd repo replay send-pack
      sh-i18n--envsubst shell show-index svn unpack-file upload-archive upload-pack`),
  },
  npm: {
    usual: list(`access adduser audit bugs cache ci completion config dedupe deprecate diff dist-tag docs
      doctor edit exec explain explore find-dupes fund get help help-search init install install-ci-test
      install-test link ll login logout ls org outdated owner pack ping pkg prefix profile prune publish
      query rebuild repo restart root run run-script sbom search set shrinkwrap star stars start stop team
      test token undeprecate uninstall unpublish unstar update version view whoami`),
    also: list(`add add-user author c cit clean-install clean-install-test create ddp dist-tags find hlep home
      i ic in info innit ins inst insta instal install-clean isnt isnta isntal isntall isntall-clean issues it
      la list ln ogr r rb remove rm rum s se show sit t tst udpate un unlink up upgrade urn v verison why x`),
  },
}

export const subcommandsOf = (program: string): Subcommands | null =>
  Object.hasOwn(table, program) ? table[program]! : null

export const isSubcommand = (program: string, word: string): boolean => {
  const known = subcommandsOf(program)
  return known !== null && (known.usual.includes(word) || known.also.includes(word))
}
