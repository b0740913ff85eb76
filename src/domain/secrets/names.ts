/**
 * What the name of a variable, field, header or flag says about its value: a password, a secret made by
 * a generator, or neither. The last word weighs most: `tokenUrl` and `passwordField` hold no secret.
 */

export type NameKind = "password" | "secret" | "key" | "none"

const set = (words: string): ReadonlySet<string> => new Set(words.split(" "))

/** A name that ends in one of these is about a secret, and is not one. */
const about = set(
  "id ids uuid guid name names url urls uri uris link file files filename path paths dir directory type types size " +
    "sizes length len len version versions field fields column columns label labels prefix suffix index count " +
    "algorithm algo alg selector source sources result results host hosts hostname port expiry expires expiration " +
    "expired expire exp ttl age age store storage map list policy format strategy provider manager service class reset hint " +
    "placeholder title description desc message messages error errors env variable var vars location endpoint usage " +
    "rotation enabled disabled required limit limits status state scope scopes ref reference arn alias config " +
    "configuration settings regex pattern example header headers param params parameter mode checksum chksum sum sha " +
    "sha1 sha256 md5 digest fingerprint integrity revision commit rev hash template option options code codes date " +
    "time at on count min max user username email account project region zone channel group role kind engine driver " +
    "backend issuer audience subject author authors page pages policy policies rule rules handler callback " +
    "confirmation strength validator validation helper util utils button text value2 level locale language image " +
    "tag tags branch repo repository registry bucket table schema database db chars characters charset char valid " +
    "encryption scheme schemes encoding encoder hashing hasher hashers tool tools " +
    "request response event events button input form row rows item items info domain site realm bytes mac",
)
/** A name with one of these is public by its nature. */
const open = set(
  "public publishable pub pubkey publickey csrf xsrf primary foreign schema bucket cache sort partition row translation locale i18n accessibility " +
    "accessible accessor keyboard keyword keywords hotkey shortcut monkey keyring keyspace keystore keytab keyfile " +
    "idempotency dedupe dedup anti forgery antiforgery pagination page cursor continuation next nextpage csrftoken " +
    "verificationtoken requestverificationtoken authenticity sitekey recaptcha author authority authored authoring",
)
const passwords = set(
  "password passwords passwd passphrase passcode pwd pass userpass passw psw pswd pw dbpass mypass " +
    "storepass keypass rootpass adminpass smtppass ftppass mailpass requirepass masterauth rootpw bindpw",
)
const secrets = set(
  "token tokens secret secrets credential credentials creds cred apikey apikeys accesskey secretkey privatekey authkey " +
    "apitoken authtoken accesstoken refreshtoken bearertoken bearer auth authorization authentication apisecret " +
    "clientsecret appsecret appkey signature signingkey encryptionkey masterkey sharedkey webhooksecret sessionkey",
)
const secretEnds = [
  "token",
  "secret",
  "apikey",
  "accesskey",
  "secretkey",
  "privatekey",
  "credentials",
  "authkey",
]
/** What a password is called elsewhere. */
export const foreignPasswords = (
  "motdepasse senha contraseña contrasena wachtwoord parola passord kennwort hasło heslo lösenord losenord " +
  "salasana jelszó lozinka şifre adgangskode пароль 密码 密碼 パスワード 비밀번호"
).split(" ")
const passwordEnds = ["password", "passwd", "passphrase", "passwort", ...foreignPasswords]
const keyQualifiers = set(
  "api access secret private auth account encryption encrypt signing sign master shared subscription licence license " +
    "service client app application admin session deploy webhook integration hmac jwt aes rsa ssh write ingest x server " +
    "user rest consumer developer dev prod production staging live gpg wallet host security root crypt crypto cookie",
)

/** Words of a name in snake, kebab, dotted or camel case, lower-cased. */
const wordsOf = (name: string): ReadonlyArray<string> =>
  name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .split(/[^\p{L}\p{M}]+|(?<=\d)(?=\p{L})/u)
    .map((each) => each.replace(/\d+$/, "").toLowerCase())
    .filter((each) => each !== "")

/** The name of a file, as manifests of checksums have them. */
const fileName =
  /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|swift|[ch]|cpp|hpp|css|s[ac]ss|html?|md|json|ya?ml|toml|txt|png|svg|map|wasm|lock|so|dll|exe|jar|zip|t?gz|whl)$/i

export const kindOfName = (name: string): NameKind => {
  if (fileName.test(name)) return "none"
  const words = wordsOf(name)
  const last = words.at(-1)
  if (last === undefined || about.has(last)) return "none"
  if (words.some((each) => passwordEnds.some((end) => each.endsWith(end)))) return "password"
  if (words.join("").endsWith("motdepasse")) return "password"
  if (words.some((each) => open.has(each))) return "none"
  if (words.some((each) => passwords.has(each)) || last === "psk") return "password"
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (secrets.has(word) || secretEnds.some((end) => word.endsWith(end))) return "secret"
    if ((word === "key" || word === "keys") && i > 0 && keyQualifiers.has(words[i - 1]!)) return "secret"
  }
  return last === "key" || last.endsWith("key") || last === "api" || last === "access" ? "key" : "none"
}
