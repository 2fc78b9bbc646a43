# Sourced by the scripts beside it: where things are, and which JDK is which.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

PROFILE=${PROFILE:-ci}
target_dir=${CARGO_TARGET_DIR:-$root/native/target}

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# cargo, in native/, always with the committed Cargo.lock.
in_native() { (cd "$root/native" && "$@"); }

maven() {
    local colour=never
    [ ! -t 1 ] || colour=auto
    mvn -B -Dstyle.color=$colour ${SLUICE_MAVEN_ARGS:-} -Dsluice.native.profile="$PROFILE" -Dsluice.native.dir="$target_dir/$PROFILE" "$@"
}

# Errors and warnings only (`-q` would hide the warnings that -Werror speaks of).
quiet_maven() { maven -Dorg.slf4j.simpleLogger.defaultLogLevel=warn "$@"; }

# The feature version of the JDK in a folder: 17, 25 …; nothing when there is no JDK.
jdk_version() {
    [ -x "$1/bin/java" ] && [ -f "$1/release" ] || return 0
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

# The home of the JDK that Maven uses.
default_jdk() {
    if [ -n "${JAVA_HOME:-}" ]; then
        say "$JAVA_HOME"
    else
        dirname "$(dirname "$(readlink -f "$(command -v javac || command -v java)")")"
    fi
}

# The home of a JDK of feature version $1: the variable JDK$1, the default JDK, or one in a folder beside it; else nothing.
find_jdk() {
    local named="JDK$1" home
    if [ -n "${!named:-}" ]; then
        [ "$(jdk_version "${!named}")" = "$1" ] || die "$named=${!named} is not the home of a JDK $1"
        say "${!named}"
        return
    fi
    for home in "$(default_jdk)" "$(dirname "$(default_jdk)")"/* /usr/lib/jvm/*; do
        if [ "$(jdk_version "$home")" = "$1" ] && [ -x "$home/bin/java" ]; then
            say "$home"
            return
        fi
    done
}

# The java to measure with: JDK 25 where there is one.
newest_java() {
    local home
    home=$(find_jdk 25) || exit 1
    say "${home:-$(default_jdk)}/bin/java"
}
