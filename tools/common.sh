# Sourced by the scripts beside it: where the project is, how to say something, how to install and build.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cores=$(nproc)

say() { printf '\n== %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# install_packages GROUP...: installs what tools/packages.txt lists for these groups and is not there.
install_packages() {
    local wanted missing=() package
    wanted=$(awk -v groups=" $* " '$1 !~ /^#/ && index(groups, " " $1 " ") { print $2 }' "$root/tools/packages.txt")
    if ! command -v dpkg-query >/dev/null; then
        say "No dpkg here: these Debian packages, or their like, must be installed already: ${wanted//$'\n'/ }"
        return
    fi
    for package in $wanted; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        say "All Debian packages are installed"
        return
    fi
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || fail "these packages are missing, and there is no sudo to install them: ${missing[*]}
Run as root: apt-get install --no-install-recommends ${missing[*]}"
        as_root=(sudo)
    fi
    say "Installing with apt-get${as_root:+ (through sudo)}: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300
               -o Acquire::Retries=3)
    # A source that cannot be reached is no reason to stop while the others have the packages.
    "${apt[@]}" update || printf 'apt-get update failed; trying with the lists that are here\n' >&2
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null ||
        fail "apt-get could not install: ${missing[*]}"
}

# configure FOLDER [CMAKE-OPTION...]
configure() {
    local folder=$1 log
    shift
    log=$(mktemp)
    cmake -S "$root" -B "$root/$folder" -G Ninja "$@" >"$log" 2>&1 || {
        cat "$log" >&2
        fail "cmake could not configure $folder"
    }
    rm -f "$log"
}

# compile FOLDER [TARGET...]: builds with all cores.
compile() {
    local folder=$1
    shift
    ninja -C "$root/$folder" -j "$cores" "$@"
}

# build FOLDER [CMAKE-OPTION...]: both.
build() {
    configure "$@"
    compile "$1"
}

# parity_environment: the Python packages of tests/parity/requirements.txt in build/parity. False when they could not be
# installed.
parity_environment() {
    cd "$root"
    if cmp -s tests/parity/requirements.txt build/parity/installed.txt; then return; fi
    rm -rf build/parity
    python3 -m venv build/parity
    if ! build/parity/bin/python -m pip install --quiet --disable-pip-version-check -r tests/parity/requirements.txt; then
        echo "the packages of tests/parity/requirements.txt could not be installed" >&2
        return 1
    fi
    cp tests/parity/requirements.txt build/parity/installed.txt
}
