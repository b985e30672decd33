# Shared by ./oktsec, ./run, ./test and .ci/run. Sourced, never run: sets `root`, and defines the functions below.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
# Reused build nodes would outlive the script and hold its output pipe open.
export MSBUILDDISABLENODEREUSE=1

die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# need TOOL WHAT-TO-DO
need() { command -v "$1" > /dev/null || die "$1 is missing: $2"; }

need_dotnet() {
  need dotnet 'install the .NET 10 SDK (https://dotnet.microsoft.com/download)'
  # The executable looks for the runtime in the usual places only; an SDK unpacked elsewhere is named here.
  export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}"
}

need_node() {
  need node 'install Node.js 20 or later'
  need npm 'install npm (it comes with Node.js)'
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || die "Node.js 20 or later is needed, found $(node --version)"
}

# is_fresh STAMP PATH...: true when nothing under the paths changed after the stamp. Folders count too: a deleted file touches only its folder.
is_fresh() {
  local stamp=$1; shift
  [ -e "$stamp" ] || return 1
  local changed
  changed=$(find "$@" \( -name bin -o -name obj -o -name node_modules \) -prune -o -newer "$stamp" -print -quit)
  [ -z "$changed" ]
}

# build_when_stale NAME PROJECT PATH...: a quiet Release build; its output is shown only when it fails.
build_when_stale() {
  local name=$1 project=$2; shift 2
  local stamp="$root/artifacts/$name.stamp"
  is_fresh "$stamp" "$@" && return
  need_dotnet
  mkdir -p "$root/artifacts"
  (
    # Two builds of one tree would write the same files: the second waits, then finds the work done.
    if command -v flock > /dev/null; then flock 9; fi
    is_fresh "$stamp" "$@" && exit
    # The stamp is older than the build, so that an edit made meanwhile counts as new.
    touch "$stamp.new"
    if ! dotnet build "$project" -c Release -v q -nologo > "$root/artifacts/$name.log" 2>&1 9>&-; then
      cat "$root/artifacts/$name.log" >&2
      exit 1
    fi
    mv "$stamp.new" "$stamp"
  ) 9> "$root/artifacts/build.lock"
}

# What every project is built from.
shared_sources=("$root/Directory.Build.props" "$root/Directory.Packages.props" "$root/BannedSymbols.txt" "$root/global.json" "$root/.editorconfig")

build_oktsec() { build_when_stale oktsec "$root/src/Oktsec/Oktsec.csproj" "$root/src" "$root/rules" "${shared_sources[@]}"; }

build_all() {
  build_when_stale solution "$root/Oktsec.slnx" "$root/src" "$root/tests" "$root/bench" "$root/rules" "$root/Oktsec.slnx" "${shared_sources[@]}"
}

# The program users download.
publish_oktsec() { is_fresh "$published_exe" "$root/src" "$root/rules" "$root/eng/publish" "${shared_sources[@]}" || "$root/eng/publish"; }

published_exe="$root/artifacts/publish/oktsec"

oktsec_exe="$root/src/Oktsec/bin/Release/net10.0/oktsec"

# install_npm FOLDER [NPM-COMMAND...]: the packages of other people, exactly as locked. Their install scripts are not run: nothing here needs them.
install_npm() {
  need_node
  local folder="$root/$1"; shift
  local how=("${@:-ci}")
  is_fresh "$folder/node_modules/.package-lock.json" "$folder/package.json" "$folder/package-lock.json" && return
  mkdir -p "$root/artifacts"
  (
    if command -v flock > /dev/null; then flock 9; fi
    is_fresh "$folder/node_modules/.package-lock.json" "$folder/package.json" "$folder/package-lock.json" && exit
    if ! npm "${how[@]}" --prefix "$folder" --ignore-scripts --no-audit --no-fund > "$root/artifacts/npm.log" 2>&1 9>&- < /dev/null; then
      cat "$root/artifacts/npm.log" >&2
      exit 1
    fi
    touch "$folder/node_modules/.package-lock.json"
  ) 9> "$root/artifacts/npm.lock"
}

# Servers and clients that other people wrote.
install_peers() { install_npm tests/peers; }

# The agent clients that people use, 1.2 GB. Not `npm ci`: it refuses a lock file without packages for other platforms, of which not every registry has all.
install_agent_clients() { install_npm tests/agent-clients install --no-save; }

# The official conformance suite, with the Node.js 22 it needs.
install_conformance() { install_npm tests/conformance; }

# postgres_bin: the folder with initdb and postgres; Debian keeps them off PATH.
postgres_bin() {
  local folder
  folder=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
  if [ -n "$folder" ] && [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
  command -v initdb > /dev/null && dirname "$(command -v initdb)"
}

install_postgres() {
  [ -n "$(postgres_bin)" ] && return
  command -v apt-get > /dev/null || die 'PostgreSQL is missing: install its server (initdb, postgres)'
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    sudo -n true 2> /dev/null || die 'PostgreSQL is missing, and installing it needs root: apt-get install postgresql'
    as_root=(sudo -n)
  fi
  mkdir -p "$root/artifacts"
  if ! { "${as_root[@]}" apt-get update &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } \
       > "$root/artifacts/apt.log" 2>&1 < /dev/null; then
    cat "$root/artifacts/apt.log" >&2
    die 'apt-get could not install postgresql'
  fi
  [ -n "$(postgres_bin)" ] || die 'postgresql was installed, but no initdb was found'
}
