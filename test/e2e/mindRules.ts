/** Rules of a user who lets a model of the tests check, edit and commit without being asked. */
export const mindRules = `
[[rule]]
name = "mind-runs-the-check"
verdict = "allow"
effect = "exec"
argv = ["node", "check.js", "*"]
tainted = true
reason = "the check of this project"

[[rule]]
name = "mind-edits"
verdict = "allow"
tool = ["edit_file", "git"]
tainted = true
reason = "its own edits and commits"
`
