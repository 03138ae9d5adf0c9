#!/bin/sh
# Says on a pull request (GitHub) or merge request (GitLab) what its edit of desired/ would do, in one comment that
# each further push edits. Needs git, curl, jq and nebulalinks. Exits 1 when the files are refused or nothing could be said.
#
#   FORGE    github or gitlab
#   API      the API's address            REPO     owner/name, or GitLab's number of the project
#   NUMBER   of the pull request          TOKEN    may comment there; stands in no command line
#   FROM TO  the revisions to compare     DIR      the folder with the four files [desired]
#   RECORDS  what to look at besides the files [--no-records]: e.g. --offline /srv/backup/state, --socket PATH
#   AUTHOR   who comments; a comment of anybody else is left alone [GitHub: github-actions[bot]; GitLab: asked]
#   NEBULALINKS  the program [nebulalinks]
set -eu

DIR=${DIR:-desired}
RECORDS=${RECORDS:---no-records}
MARKER='<!-- nebulalinks diff -->'
# A comment of GitHub takes 65,536 characters.
LONGEST=60000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

die() {
    echo "diff-comment: $*" >&2
    exit 1
}

# METHOD PATH [FILE WITH JSON]: the answer in $work/answer, its status on standard output. The token comes to curl
# by its standard input, where no list of processes shows it.
call() {
    case $FORGE in
    github) header="Authorization: Bearer $TOKEN" ;;
    gitlab) header="PRIVATE-TOKEN: $TOKEN" ;;
    *) die "FORGE is github or gitlab, not '$FORGE'" ;;
    esac
    # A comment that was taken and whose answer was lost must not be posted again.
    retry=yes
    [ "$1" != POST ] || retry=
    printf 'header = "%s"\n' "$header" |
        curl --silent --show-error --max-time 30 ${retry:+--retry 3} --config - --request "$1" \
            --header 'Content-Type: application/json' ${3:+--data-binary "@$3"} \
            --output "$work/answer" --write-out '%{http_code}' "$API$2"
}

case $FORGE in
github)
    comments="/repos/$REPO/issues/$NUMBER/comments"
    one="/repos/$REPO/issues/comments"
    edit=PATCH
    mine='.user.login == $author'
    AUTHOR=${AUTHOR:-github-actions[bot]}
    ;;
gitlab)
    comments="/projects/$REPO/merge_requests/$NUMBER/notes"
    one=$comments
    edit=PUT
    mine='.author.username == $author'
    ;;
*) die "FORGE is github or gitlab, not '$FORGE'" ;;
esac

# 0: nothing would change, 2: something would, 1: refused, or it could not be told.
code=0
# shellcheck disable=SC2086 # several words
"${NEBULALINKS:-nebulalinks}" diff "$DIR" --from "$FROM" --to "$TO" $RECORDS -o markdown \
    >"$work/said" 2>"$work/trouble" || code=$?
cat "$work/said"
cat "$work/trouble" >&2
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$work/said" >>"$GITHUB_STEP_SUMMARY"
[ "$code" -eq 0 ] || [ -s "$work/said" ] || die "nothing to say: nebulalinks diff ended with $code"

if [ -z "${AUTHOR:-}" ]; then
    [ "$(call GET /user)" = 200 ] || die "GitLab does not say whose the token is: $(cat "$work/answer")"
    AUTHOR=$(jq -r .username "$work/answer")
fi

# The comment of before, if there is one.
id=
page=1
while :; do
    status=$(call GET "$comments?per_page=100&page=$page")
    [ "$status" = 200 ] || die "the comments cannot be read ($status): $(cat "$work/answer")"
    id=$(jq -r --arg author "$AUTHOR" --arg marker "$MARKER" \
        "[.[] | select($mine and (.body | startswith(\$marker)))][0].id // empty" "$work/answer")
    [ -z "$id" ] || break
    [ "$(jq length "$work/answer")" -eq 100 ] || break
    page=$((page + 1))
done

# An edit that changes nothing is worth no comment, unless one has to be taken back.
[ "$code" -ne 0 ] || [ -n "$id" ] || exit 0

{
    printf '%s\n' "$MARKER"
    cat "$work/said"
} | jq -Rs --argjson most "$LONGEST" '{body: (if length > $most then .[:$most] + "\n\n… cut off" else . end)}' >"$work/comment"

if [ -n "$id" ]; then
    status=$(call $edit "$one/$id" "$work/comment")
else
    status=$(call POST "$comments" "$work/comment")
fi
case $status in
2??) ;;
# A pull request from a fork has a token that may only read: what was said stands in the log.
403) echo "diff-comment: the token may not comment here; what there is to say stands above" >&2 ;;
*) die "the comment was not taken ($status): $(cat "$work/answer")" ;;
esac
[ "$code" -ne 1 ] || exit 1
