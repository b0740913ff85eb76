/** Programs that most machines of developers have, and the packages of those that are often missing. Facts only. */

const everyday = new Set(
  `apt apt-get awk bash brew bun bundle cargo cat cd chmod chown clang clear cmake code composer cp curl cut date deno df
   diff dig dnf docker docker-compose du echo emacs env export find gcc gem git go gradle grep gzip head helm history
   hostname htop id ifconfig ip java javac jq kill kubectl less ln ls lsof make man mkdir mount mv mvn mysql nano nc
   netstat nginx node npm npx nvim openssl pacman perl php ping pip pip3 pnpm ps psql pwd python python3 rg rm rmdir
   rsync ruby rustc scp sed service sh sleep snap sort ssh sudo systemctl tail tar tee terraform tmux top touch tr tree
   uname uniq unzip uv vi vim watch wc wget which whoami xargs yarn yum zip zsh`.split(/\s+/),
)

export const isEveryday = (program: string): boolean => everyday.has(program)

/** Program -> package of Debian and its kin, where the name differs, or where it is worth knowing that there is one. */
const debian: Readonly<Record<string, string>> = {
  ag: "silversearcher-ag",
  batcat: "bat",
  cmake: "cmake",
  convert: "imagemagick",
  curl: "curl",
  dig: "dnsutils",
  dot: "graphviz",
  emacs: "emacs",
  fdfind: "fd-find",
  ffmpeg: "ffmpeg",
  gcc: "gcc",
  git: "git",
  host: "dnsutils",
  htop: "htop",
  ifconfig: "net-tools",
  java: "default-jre",
  javac: "default-jdk",
  jq: "jq",
  killall: "psmisc",
  lsof: "lsof",
  make: "make",
  mysql: "mysql-client",
  nano: "nano",
  nc: "netcat-openbsd",
  netstat: "net-tools",
  nmap: "nmap",
  nslookup: "dnsutils",
  php: "php-cli",
  pip: "python3-pip",
  pip3: "python3-pip",
  psql: "postgresql-client",
  pstree: "psmisc",
  rg: "ripgrep",
  route: "net-tools",
  rsync: "rsync",
  screen: "screen",
  shellcheck: "shellcheck",
  strace: "strace",
  svn: "subversion",
  tcpdump: "tcpdump",
  telnet: "telnet",
  tmux: "tmux",
  traceroute: "traceroute",
  tree: "tree",
  unzip: "unzip",
  vim: "vim",
  wget: "wget",
  whois: "whois",
  xclip: "xclip",
  zip: "zip",
  zsh: "zsh",
}

export const debianPackage = (program: string): string | null =>
  Object.hasOwn(debian, program) ? debian[program]! : null
