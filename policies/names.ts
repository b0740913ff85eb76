/**
 * File names that decide a verdict: those that hold credentials, and those that other programs run later.
 * Names are compared folded (NFKC, no invisible characters, lower case, no trailing dots, spaces or stream
 * suffix, no short form), because some file systems take those spellings for the same file.
 * Invariant: folding only ever makes more names equal, so it can only make a verdict stricter.
 */
import { isHarmless } from "../src/domain/neutralise.ts"

const plainName = /^[a-z0-9_-][a-z0-9_.-]*[a-z0-9_-]$/
const invisible = /[\p{C}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\ufe00-\ufe0f]/gu

/** Letters of other scripts that look like Latin ones. */
const likeLatin: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: "\u0430\u03b1\u0251",
    b: "\u044c\u0432",
    c: "\u0441\u03f2",
    d: "\u0501",
    e: "\u0435\u0451\u03b5\u212e",
    g: "\u0261\u0581",
    h: "\u04bb\u043d\u0570",
    i: "\u0456\u0457\u03b9\u0131",
    j: "\u0458",
    k: "\u043a\u03ba",
    l: "\u04cf\u01c0\u05c0",
    m: "\u043c",
    n: "\u0578\u057c",
    o: "\u043e\u03bf\u0585",
    p: "\u0440\u03c1",
    q: "\u051b",
    r: "\u0433",
    s: "\u0455",
    t: "\u0442\u03c4",
    u: "\u03c5\u057d",
    v: "\u0475\u03bd",
    w: "\u051d\u0461",
    x: "\u0445\u03c7",
    y: "\u0443\u03b3",
    z: "\u1d22",
  }).flatMap(([latin, others]) => [...others].map((other) => [other, latin] as const)),
)
const latinised = (text: string): string =>
  /[^\0-\x7f]/.test(text) ? [...text].map((c) => likeLatin.get(c) ?? c).join("") : text

export const fold = (name: string): string =>
  plainName.test(name)
    ? name
    : latinised(name.normalize("NFKC").replace(invisible, "").toLowerCase())
        .replace(/^git~\d$/, ".git")
        .replace(/(?<=[^/\\])::?\$?[a-z0-9$_:]*$/, "")
        .replace(/^\s+|[\s.]+$/g, "")

/** A name that a person, a file system and a program may read differently. */
export const isAmbiguousName = (name: string): boolean => {
  if (plainName.test(name)) return false
  if (name.includes("\\") || /%(?:2e|2f|5c)/i.test(name) || !isHarmless(name)) return true
  if (/[\p{Z}]/u.test(name.replaceAll(" ", "")) || /^ | $|\.$|::/.test(name))
    return name !== "." && name !== ".."
  const mixed =
    /[a-z]/i.test(name) &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(name)
  return mixed || name.normalize("NFKC") !== name.normalize("NFC")
}

const set = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/))

const credentialDirectories = set(
  ".ssh .aws .azure .gnupg .kube .password-store .gcloud .oci .bluemix .1password .vault keyrings private-keys-v1.d",
)
const credentialFiles = set(`
  .npmrc .pypirc .netrc _netrc .git-credentials .pgpass .my.cnf .mylogin.cnf .htpasswd .dockercfg
  .vault-token .s3cfg .boto .rclone.conf rclone.conf kubeconfig kubeconfig.yaml kubeconfig.yml wallet.dat .secrets
  .secret secret.json secret.yml secret.yaml secret.txt secrets.json secrets.yml secrets.yaml secrets.toml secrets.env
  secrets.txt secrets.enc.yaml credentials credentials.json credentials.yml credentials.yaml credentials.toml
  credentials.xml credentials.db credentials.tfrc.json .credentials.json .credentials application_default_credentials.json
  service-account.json service_account.json serviceaccount.json gcp-key.json client_secret.json auth.json hosts.yml
  key4.db key3.db logins.json cookies.sqlite .bash_history .zsh_history .psql_history .mysql_history .node_repl_history
  .python_history .sqlite_history .lesshst shadow shadow- gshadow gshadow- sudoers master.passwd sam
  password password.txt passwords.txt passwords.csv passwd.txt authinfo .authinfo .authinfo.gpg .fetchmailrc .msmtprc
  terraform.rc .terraformrc .databrickscfg .snowsql .kaggle.json kaggle.json
  token .token tokens.json access_tokens.db
`)
/** Files that are credentials only below a directory of this name. */
const credentialBelow: ReadonlyArray<readonly [directory: string, file: string]> = [
  [".docker", "config.json"],
  [".config", "gcloud"],
  [".config", "gh"],
  [".config", "hub"],
  [".config", "op"],
  [".config", "doctl"],
  [".config", "rclone"],
  [".config", "sops"],
  [".config", "heroku"],
  [".config", "netlify"],
  [".cargo", "credentials"],
  [".gem", "credentials"],
  [".bundle", "config"],
  [".composer", "auth.json"],
  [".m2", "settings.xml"],
  [".m2", "settings-security.xml"],
  [".gradle", "gradle.properties"],
  [".nuget", "nuget.config"],
  [".subversion", "auth"],
  [".codex", "auth.json"],
  [".local", "keyrings"],
  ["library", "keychains"],
]
/** In these, a name is too common a word to count: `token`, `hosts.yml`, `credentials` may be source or documents. */
const onlyOutside = set(
  "hosts.yml token credentials password sam auth.json secret.txt secrets.txt kubeconfig",
)
const credentialSuffix =
  /\.(?:pem|key|p12|pfx|p8|pkcs12|jks|keystore|kdbx?|ppk|ovpn|tfstate|tfvars|agekey|keytab|gpg|pgp)$|\.tfstate[._-].*$|\.tfvars\.json$|\.env$/
const privateKey = /^(?:id|ssh_host)_[a-z0-9_-]+$|^id_(?:rsa|dsa|ecdsa|ed25519)(?:$|[._-](?!pub$))/
const environmentFile = /^\.env(?:$|[^a-z0-9]|rc$)/
const serviceAccount = /^(?:service[-_]?account|gcp[-_]|firebase[-_]adminsdk).*\.json$/
const publicPart = /\.pub$/

/** `names`: the folded components, outermost first. */
export const isCredential = (names: ReadonlyArray<string>, outside: boolean): boolean => {
  const last = names.at(-1) ?? ""
  if (names.some(isCredentialFolder)) return true
  if (names.some((name) => foldersAbove.has(name)) && isBelow(names)) return true
  return isCredentialFile(last, outside)
}

const isCredentialFolder = (name: string): boolean =>
  credentialDirectories.has(name) || (name.startsWith(".env") && environmentFile.test(name))

const isCredentialFile = (name: string, outside: boolean): boolean => {
  if (publicPart.test(name)) return false
  if (credentialFiles.has(name) && (outside || !onlyOutside.has(name))) return true
  return credentialSuffix.test(name) || privateKey.test(name) || serviceAccount.test(name)
}

const isBelow = (names: ReadonlyArray<string>): boolean =>
  credentialBelow.some(([directory, file]) => below(names, directory, file))

const foldersAbove = new Set(credentialBelow.map(([directory]) => directory))

/** For the names in one directory, none of whose parents is a credential: the same answer as `isCredential`, sooner. */
export const credentialIn = (parents: ReadonlyArray<string>): ((name: string) => boolean) => {
  const special = parents.some((name) => foldersAbove.has(name))
  return (name) =>
    isCredentialFolder(name) || isCredentialFile(name, false) || (special && isBelow([...parents, name]))
}

const below = (names: ReadonlyArray<string>, directory: string, file: string): boolean => {
  const at = names.indexOf(directory)
  return at >= 0 && names.slice(at + 1).some((name) => name === file || name.startsWith(`${file}.`))
}

const runsLaterDirectories = set(`
  .git .husky .githooks .vscode .vscode-server .idea .fleet .zed .nova .claude .cursor .codex .gemini .opencode
  .windsurf .roo .continue .aider .copilot .kiro .goose .crush .claw .assistant .devcontainer .circleci .buildkite .lefthook
  .direnv .mise .woodpecker .gitea .forgejo .teamcity .moon .yarn .cargo .bundle .config .local .ssh .gnupg autostart
  systemd cron.d cron.daily cron.hourly cron.weekly cron.monthly launchagents launchdaemons
`)
const runsLaterFiles = set(`
  .gitattributes .gitmodules .gitconfig .gitlab-ci.yml .gitlab-ci.yaml .travis.yml .drone.yml .appveyor.yml appveyor.yml
  jenkinsfile azure-pipelines.yml azure-pipelines.yaml bitbucket-pipelines.yml cloudbuild.yaml cloudbuild.yml
  .woodpecker.yml .cirrus.yml buildspec.yml .semaphore.yml .pre-commit-config.yaml .pre-commit-hooks.yaml lefthook.yml
  lefthook.yaml .lefthook.yml .huskyrc .huskyrc.json .huskyrc.js .lintstagedrc .overcommit.yml .envrc .direnvrc
  .npmrc .yarnrc .yarnrc.yml .yarnrc.yaml .pnpmfile.cjs .pnpmfile.js .pnpmfile.mjs pnpmfile.js bunfig.toml .bunfig.toml
  .mise.toml mise.toml .tool-versions .mcp.json mcp.json mcp_config.json claude_desktop_config.json opencode.json
  .aider.conf.yml .bashrc .bash_profile .bash_login .bash_logout .bash_aliases .profile .zshrc .zshenv
  .zprofile .zlogin .zlogout config.fish .kshrc .cshrc .tcshrc .login .inputrc .tmux.conf .screenrc .vimrc .gvimrc .nvimrc
  .exrc .emacs .spacemacs .dir-locals.el .gdbinit .lldbinit .pdbrc .irbrc .pryrc .rprofile .sqliterc .psqlrc .curlrc .wgetrc
  .netrc .ackrc .ripgreprc .lesskey .lessfilter .pythonstartup .xinitrc .xsession .xprofile .xresources pip.conf .pip.conf
  sitecustomize.py usercustomize.py authorized_keys authorized_keys2 crontab claw.config.ts claw.config.js claw.config.mjs
  .condarc .bazelrc .buckconfig .envrc.local rc.local
`)
const runsLaterSuffix = /\.(?:pth|code-workspace|desktop|service|timer|sublime-project)$/
const runsLaterBelow: ReadonlyArray<readonly [directory: string, file: string]> = [
  [".github", "workflows"],
  [".github", "actions"],
  [".gitlab", "ci"],
]

/** Would another program run this, or obey it, without anybody looking again? */
export const runsLater = (names: ReadonlyArray<string>): boolean => {
  const last = names.at(-1) ?? ""
  if (names.some((name) => runsLaterDirectories.has(name))) return true
  if (runsLaterFiles.has(last) || runsLaterSuffix.test(last)) return true
  return runsLaterBelow.some(([directory, file]) => below(names, directory, file))
}

/** Names a glob may stand for, where the directory itself cannot tell. */
export const secretSamples: ReadonlyArray<string> = [
  ...".env .env.local .env.production .envrc .npmrc .netrc .git-credentials .pgpass .ssh .aws .gnupg .kube".split(
    " ",
  ),
  ...".bash_history .zsh_history id_rsa id_ed25519 id_ecdsa terraform.tfstate server.key cert.pem".split(" "),
  ...".pypirc .vault-token secrets.json credentials.json".split(" "),
]
export const laterSamples: ReadonlyArray<string> =
  ".git .bashrc .zshrc .profile .husky .vscode .claude .mcp.json .envrc .gitattributes .github".split(" ")
