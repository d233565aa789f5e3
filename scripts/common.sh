# shellcheck shell=bash
# What demo and test share: where we are, and the packages they need.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# packages GROUP...: their names.
packages() {
    local group
    for group; do
        awk -v group="$group" '$1 == group { print $2 }' "$top/scripts/packages"
    done | sort -u
}

is_installed() {
    dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# need GROUP...: installs what is missing, if we may; else says which command does.
need() {
    local package
    local -a missing=()
    command -v dpkg-query >/dev/null || fail "This script knows Debian's packages only; see scripts/packages for the list."
    while read -r package; do
        is_installed "$package" || missing+=("$package")
    done < <(packages "$@")
    [ ${#missing[@]} -ne 0 ] || return 0

    say "Debian packages that are missing here: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        fail "Install them, then start again:
    sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
    say "Installing them."
    export DEBIAN_FRONTEND=noninteractive
    { apt-get -qq update && apt-get -qq install --yes --no-install-recommends "${missing[@]}"; } >/dev/null ||
        fail "apt-get could not install them."
}
