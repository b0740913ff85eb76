/** A key that the tool does not know must not speak for the one it goes by: the gate judges the worst of them. */
import { expect, it } from "vitest"
import { tool } from "./gate.ts"

it.each([
  ["git", { operation: "push", remote: "origin", branch: "main", args: ["status"] }, "ask"],
  ["git", { operation: "commit", message: "x", args: ["log"] }, "ask"],
  ["git", { args: ["status"] }, "allow"],
  ["read_file", { path: "README.md", file_path: ".env" }, "deny"],
  ["NotebookEdit", { path: "README.md", notebook_path: ".git/hooks/pre-commit", new_source: "x" }, "deny"],
  ["write_file", { path: "../../x", file_path: "README.md", content: "x" }, "deny"],
  ["edit_file", { file: "README.md", path: ".vscode/tasks.json", old_string: "a", new_string: "b" }, "deny"],
])("%s %j", (name, input, expected) => expect(tool(name, input)).toBe(expected))
