# Every chore a person runs. `just` alone lists them. .ci/run is what must hold, in a fresh clone.

set positional-arguments
set shell := ["bash", "-euo", "pipefail", "-c"]

default:
    @just --list --unsorted

# All that must hold before a change is taken
ci:
    bash .ci/run

# Format, and say what the compiler and clippy dislike
check:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# Every test; with a filter, those whose name contains it
test *filter:
    cargo test --workspace -- "$@"

# Which crates come in, under which licences, from where
deny:
    cargo deny check bans licenses sources

# Known security advisories; needs the RustSec database from the network
advisories:
    cargo deny check advisories

# The map and every public item as pages
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# Who may use whom, docs against code, dashboards against metrics
house:
    cargo test --test it architecture operations

# The alert rules' own tests (apt-get install prometheus)
alerts:
    promtool check rules dashboards/alerts.yaml
    promtool test rules dashboards/alerts.test.yaml

# The whole system on this machine, until Ctrl-C
play *args:
    cargo run -p nebulalinks-sandbox -- "$@"

# Play scenarios, four at a time: all of them, or those that are named
scenarios *files:
    cargo build --quiet -p nebulalinks-sandbox
    printf '%s\n' ${@:-tests/scenarios/*.scn} | xargs -P 4 -n 1 target/debug/nebulalinks-sandbox play

# End the process at each crash point in turn; the order must end the same way
crashes:
    NEBULALINKS_ALL_CRASH_POINTS=1 cargo test -p nebulalinks-sandbox --test processes -- dies

# Real processes that are killed, stopped and deprived of disk, files and time, round after round, with
# 9 to 18 s a round; as root on a small disk of its own, so that a full one is full: docs/SIMULATION.md
torture rounds="1000" *args:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --quiet -p nebulalinks-sandbox
    sandbox=target/debug/nebulalinks-sandbox
    if [ "$(id -u)" != 0 ]; then exec "$sandbox" torture --rounds "$@"; fi
    disk=$(mktemp -d)
    mount -t tmpfs -o size=1g none "$disk"
    trap 'umount "$disk"; rmdir "$disk"' EXIT
    "$sandbox" torture --disk "$disk" --rounds "$@"

# More seeds of the simulation than a test run has
simulate seeds="1000" seed="0":
    cargo run --release -p nebulalinks-sandbox -- simulate --seeds {{seeds}} --seed {{seed}}

# How long a pass over 10,000 accounts takes
bench:
    cargo bench --bench plan_server

# What an account costs as the shop grows, in bytes and time: docs/PERFORMANCE.md
bench-scale *sizes:
    cargo bench -p nebulalinks-core --bench scale -- "$@"

# How long a start takes as the shop grows: docs/PERFORMANCE.md
bench-start *args:
    cargo bench --bench start -- "$@"

# How fast it is, each figure beside another of the same run; writes docs/PERFORMANCE.md
speed *parts:
    cargo bench --bench speed -- "$@"

# What a gateway costs beside a panel of 10,000 clients: time, requests a second, memory
bench-gateway *args:
    cargo bench -p nebulalinks-gateway --bench gateway -- "$@"

# Feed the readers of strangers' bytes for so many seconds: fuzz/README.md
fuzz target seconds="1800":
    mkdir -p "fuzz/found/$1"
    cd fuzz && cargo +nightly fuzz run --sanitizer none "$1" "found/$1" "corpus/$1" -- -max_total_time="$2"

# Write the fuzz targets' first inputs anew
fuzz-seeds:
    cd fuzz && cargo +nightly run --quiet --release --example seeds

# Flip and cut every byte in use of a small store's files, not only a sample: under half an hour
flips:
    NEBULALINKS_FLIPS=all cargo test --test it store::flips -- --nocapture

# Lose power with the store open, on a loop device; as root, a few rounds
power-cut rounds="3":
    #!/usr/bin/env bash
    set -euo pipefail
    binary=$(cargo test --no-run --test it 2>&1 | sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
    bash tests/recipes/power-cut.sh "$binary" {{rounds}}

# Check the four files, or those in another folder
files dir="desired":
    cargo run --quiet --bin nebulalinks -- check "{{dir}}"

# Ask the real yaml-language-server (npm) what an editor shows of the files and of slips in them
editor:
    npm install --silent --prefix target/editor yaml-language-server
    node tests/recipes/yaml-language-server.mjs target/editor/node_modules/.bin/yaml-language-server

# Trace Chromium while the page shows 1,000 clients and 5,000 log lines that change: frames, tasks, first paint
page-trace:
    cargo build --quiet -p nebulalinks-sandbox
    node --experimental-websocket tests/recipes/page-trace.mjs target/debug/nebulalinks-sandbox

# Keep each step of the browser's tests, in English, Arabic and Russian, as a picture in FOLDER
page-pictures folder:
    PAGE_PICTURES={{folder}} cargo test -p nebulalinks-sandbox --test browser

# Write schemas, expected texts and scenarios anew from what is seen; then read the diff
bless:
    UPDATE_SCHEMAS=1 UPDATE_FIXTURES=1 INSTA_UPDATE=always cargo test --workspace
    cargo run --quiet -p nebulalinks-sandbox -- play --bless tests/scenarios/*.scn
    git diff --stat
