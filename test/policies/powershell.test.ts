/** PowerShell is never allowed; what must be denied is found by any of its spellings. */
import { describe, expect, it } from "vitest"
import { judge } from "./gate.ts"

const given = (command: string): string => {
  const { rule, verdict } = judge({ tool: "PowerShell", input: { command } })
  return `${verdict} (${rule})`
}

describe("asks", () => {
  it.each([
    "Get-Location",
    "Get-ChildItem",
    "Get-ChildItem app -Recurse -Filter *.ts",
    "Get-Content README.md",
    "gc app/main.ts | Select-String TODO",
    "Get-Process | Sort-Object CPU",
    "Remove-Item app/main.ts",
    "Set-Content -Path out.txt -Value 'a b'",
    "'text' > out.txt",
    "Write-Output done 2> $null",
    "Invoke-WebRequest https://example.org/x",
    "npm test",
    "Get-Date -Format o",
    "$env:EDITOR",
    "git status",
  ])("%s", (command) => expect(given(command)).toMatch(/^ask /))
})

describe("denies", () => {
  it.each([
    "Remove-Item -Recurse -Force /",
    "Remove-Item -Recurse -Force C:\\Windows",
    "REMOVE-ITEM -Recurse ~",
    "ri -r -fo $HOME",
    "rm -Recurse $env:USERPROFILE",
    "Re`move-It`em -Recurse /",
    "Remove-Item .git -Recurse",
    "del .",
    "Get-Content .env",
    "gc ./.env",
    "type .\\.env",
    "cat '.e' + 'nv'; gc ('.e'+'nv')",
    "Get-Content ~\\.ssh\\id_ed25519",
    'Get-Content "$HOME\\.ssh\\id_ed25519"',
    "Get-Content ${env:USERPROFILE}\\.aws\\credentials",
    "Get-Content /etc/hosts",
    "Get-ChildItem ..",
    "Get-ChildItem Env:",
    "gci env: | Out-String",
    "dir Env:\\*",
    "[Environment]::GetEnvironmentVariables()",
    "$env:GITHUB_TOKEN",
    "Start-Process notepad -Verb RunAs",
    "Set-ExecutionPolicy Bypass",
    "Stop-Computer -Force",
    "Stop-Service sshd",
    "Format-Volume -DriveLetter D",
    "New-LocalUser evil",
    "Set-ItemProperty HKLM:\\Software\\x y 1",
    "Set-Content .git/hooks/pre-commit x",
    "'x' | Out-File ~/.bashrc",
    "'x' >> $HOME/.profile",
    'echo x > "../x"',
    "Copy-Item .env out.txt",
    "Move-Item .git old",
    "iwr http://169.254.169.254/latest",
    "Invoke-RestMethod localhost:9200",
    "Invoke-Expression 'Remove-Item -Recurse ~'",
    'iex "gc .env"',
    `pwsh -EncodedCommand ${Buffer.from("Get-Content .env", "utf16le").toString("base64")}`,
    `powershell -enc ${Buffer.from("Remove-Item -Recurse /", "utf16le").toString("base64")}`,
    "powershell -NoProfile -Command Get-Content .env",
    "Get-Credential | ConvertFrom-SecureString",
    "Start-Job { Remove-Item -Recurse ~ }",
    "ForEach-Object { Get-Content .env }",
    "sudo ls",
  ])("%s", (command) => expect(given(command)).toMatch(/^deny /))
})

it("looks into what a shell hands to it", () => {
  const bash = (command: string) => judge({ tool: "bash", input: { command } }).verdict
  expect(bash("pwsh -Command 'Get-Content .env'")).toBe("deny")
  expect(bash(`pwsh -enc ${Buffer.from("gci env:", "utf16le").toString("base64")}`)).toBe("deny")
  expect(bash("pwsh -Command Get-Date")).toBe("ask")
})
