#!/usr/bin/env bash
# Cuts the power of the store, as far as one machine can do that to itself, and looks for losses.
#
# As root, on Linux. Each round: an ext4 image on a loop device, mounted so that the kernel writes
# back nothing by itself for 5 minutes; a writer that acknowledges what it committed; SIGKILL; the
# image is copied at once, below the page cache of the mounted file system; the copy is mounted and
# opened. What was acknowledged must be there. About 10 s a round.
#
#   cargo test --no-run --test it          # prints the path of the test binary
#   sudo tests/recipes/power-cut.sh <test binary> [rounds, 3 by default] [seconds of writing, 3]
# With NEBULALINKS_PLANTED=no-sync the writer leaves its fdatasync out: most rounds must then fail.
set -euo pipefail

binary=$(readlink -f "$1")
rounds=${2:-3}
seconds=${3:-3}
work=$(mktemp -d)
mounted=()

clean() {
    for at in "${mounted[@]}"; do umount "$at" 2>/dev/null || true; done
    rm -rf "$work"
}
trap clean EXIT

mkdir "$work/live" "$work/after"
mounted=("$work/live" "$work/after")
for round in $(seq "$rounds"); do
    truncate -s 256M "$work/disk"
    mkfs.ext4 -q -F "$work/disk"
    mount -o loop,commit=300 "$work/disk" "$work/live"
    # The log of acknowledgements lies on another disk, which keeps its power.
    NEBULALINKS_WRITER_DIR="$work/live" "$binary" store::kill::child_writer \
        --exact --ignored --nocapture >"$work/log" 2>/dev/null &
    writer=$!
    sleep "$seconds"
    kill -9 "$writer"
    cp --sparse=always "$work/disk" "$work/copy"
    { wait "$writer" || true; } 2>/dev/null
    mount -o loop "$work/copy" "$work/after"
    echo "round $round of $rounds"
    NEBULALINKS_WRITER_DIR="$work/after" NEBULALINKS_ACKNOWLEDGED="$work/log" "$binary" \
        store::kill::after_the_power_cut_nothing_acknowledged_is_lost \
        --exact --ignored --nocapture
    umount "$work/after" "$work/live"
    rm -f "$work/disk" "$work/copy"
done
echo "nothing that was acknowledged was lost in $rounds rounds"
