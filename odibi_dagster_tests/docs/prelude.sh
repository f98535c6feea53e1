# Read by bash before a page's commands: any that fails ends the page, with its line.
unset BASH_ENV
set -eEo pipefail
trap 'echo "$0:$LINENO: failed: $BASH_COMMAND" >&2' ERR

make() {
    case $1 in
        # The environment is there already: nothing is to be installed.
        demo) command make --silent -o setup demo ;;
        # They take minutes, or run this very test again: Make has to know them.
        test | bench | lint | torture) command make -n "$@" >/dev/null ;;
        ui) started "$@" ;;
        *) command make "$@" ;;
    esac
}

# The environment is there already.
pip() { test "$1" = install; }

# The reader's own values stay where the page shows others.
export() {
    local each
    for each in "$@"; do
        case " $EXPORTED_BY_THE_READER " in
            *" ${each%%=*} "*) ;;
            *) builtin export "$each" ;;
        esac
    done
}

python() {
    case "$1 $2" in
        "-m odibi_dagster_tests.bench" | "-m odibi_dagster_tests.torture") command python -m "$2" --help >/dev/null ;;
        *) command python "$@" ;;
    esac
}

# A command that runs until Ctrl-C: it has to come up, and to end when it is asked to.
started() {
    local log pid
    log=$(mktemp)
    set -m
    command make --silent -o setup "$@" >"$log" 2>&1 &
    pid=$!
    set +m
    for _ in $(seq 600); do
        grep -q 'Dagster is at http' "$log" && break
        kill -0 "$pid" || { cat "$log" >&2; return 1; }
        sleep 0.1
    done
    cat "$log"
    grep -q 'Dagster is at http' "$log"
    kill -INT -- "-$pid"
    wait "$pid" || true
    rm "$log"
}
