use super::*;
use Permission::*;

const EVERYBODY: u64 = 1;
const OURS: u64 = 2;
const OTHER: u64 = 3;
const ME: u64 = 50;

fn of(permissions: &[Permission]) -> u64 {
    permissions.iter().fold(0, |all, permission| all | bit(*permission))
}

fn server(everybody: u64, ours: u64) -> Server {
    let role = |permissions| Role { permissions, mentionable: false };
    let roles = [(EVERYBODY, role(everybody)), (OURS, role(ours)), (OTHER, role(u64::MAX))];
    Server { id: EVERYBODY, owner: 99, roles: roles.into() }
}

fn role(id: u64, allow: &[Permission], deny: &[Permission]) -> Overwrite {
    Overwrite { of_member: false, id, allow: of(allow), deny: of(deny) }
}

fn member(id: u64, allow: &[Permission], deny: &[Permission]) -> Overwrite {
    Overwrite { of_member: true, ..role(id, allow, deny) }
}

/// What the bot may do, of all that is asked for.
fn may(server: &Server, kind: u64, overwrites: &[Overwrite]) -> Vec<Permission> {
    let me = Member { id: ME, roles: BTreeSet::from([OURS]) };
    let channel = Channel { kind, parent: None, overwrites: overwrites.to_vec() };
    Permission::ALL
        .into_iter()
        .filter(|permission| has(server, &me, &channel, *permission))
        .collect()
}

#[test]
fn overwrites_count_for_everybody_then_for_roles_then_for_the_member() {
    let view = [ViewChannel];
    let (none, both) = (server(0, 0), server(of(&[ViewChannel, SendMessages]), 0));
    let cases: &[(&str, &Server, &[Overwrite], &[Permission])] = &[
        ("nothing is given", &none, &[], &[]),
        ("everybody's role gives", &both, &[], &[ViewChannel, SendMessages]),
        ("an own role gives", &server(0, of(&view)), &[], &view),
        ("everybody's overwrite denies", &both, &[role(EVERYBODY, &[], &view)], &[]),
        ("everybody's overwrite gives", &none, &[role(EVERYBODY, &view, &[])], &view),
        (
            "a role's goes before everybody's",
            &none,
            &[role(EVERYBODY, &[], &view), role(OURS, &view, &[])],
            &view,
        ),
        (
            "in whatever order they are written",
            &none,
            &[role(OURS, &view, &[]), role(EVERYBODY, &[], &view)],
            &view,
        ),
        (
            "another role's does not count",
            &both,
            &[role(OTHER, &[], &view)],
            &[ViewChannel, SendMessages],
        ),
        ("one that gives goes before one that denies", &none, &[role(OURS, &view, &view)], &view),
        (
            "the member's goes before a role's",
            &both,
            &[role(OURS, &view, &[]), member(ME, &[], &view)],
            &[],
        ),
        (
            "and gives",
            &none,
            &[role(EVERYBODY, &[], &view), role(OURS, &[], &view), member(ME, &view, &[])],
            &view,
        ),
        ("another member's does not count", &none, &[member(51, &view, &[])], &[]),
        ("a member is no role of the same id", &none, &[member(OURS, &view, &[])], &[]),
    ];
    for (what, server, overwrites, expected) in cases {
        assert_eq!(may(server, 0, overwrites), *expected, "{what}");
    }
}

#[test]
fn who_does_not_see_a_channel_may_do_nothing_there_and_who_does_not_write_attaches_nothing() {
    let whole = server(0, of(&Permission::ALL));
    assert_eq!(may(&whole, 0, &[]), Permission::ALL);
    assert!(may(&whole, 0, &[role(OURS, &[], &[ViewChannel])]).is_empty());
    let without = |gone: &[Permission]| -> Vec<Permission> {
        Permission::ALL.into_iter().filter(|permission| !gone.contains(permission)).collect()
    };
    let mute = may(&whole, 0, &[role(OURS, &[], &[SendMessages])]);
    assert_eq!(mute, without(&[SendMessages, AttachFiles, MentionRoles]));
    // In a thread another permission lets write, and the one for channels does not count.
    assert_eq!(may(&whole, 12, &[role(OURS, &[], &[SendMessages])]), Permission::ALL);
    let mute = may(&whole, 12, &[role(OURS, &[], &[SendInThreads])]);
    assert_eq!(mute, without(&[SendMessages, AttachFiles, SendInThreads, MentionRoles]));
}

#[test]
fn an_administrator_and_the_owner_may_all_whatever_is_denied() {
    let nobody = [role(EVERYBODY, &[], &Permission::ALL), member(ME, &[], &Permission::ALL)];
    assert_eq!(may(&server(0, ADMINISTRATOR), 0, &nobody), Permission::ALL);
    assert_eq!(may(&server(ADMINISTRATOR, 0), 0, &nobody), Permission::ALL);
    assert_eq!(may(&Server { owner: ME, ..server(0, 0) }, 0, &nobody), Permission::ALL);
    assert!(may(&server(0, 0), 0, &nobody).is_empty());
    // An administrator's word in a channel is none.
    let given = Overwrite { allow: ADMINISTRATOR, ..role(OURS, &[], &[]) };
    assert!(may(&server(0, 0), 0, &[given]).is_empty());
}

#[test]
fn it_is_read_as_discord_writes_it() {
    let json = serde_json::json!({
        "type": 0, "parent_id": "7",
        "permission_overwrites": [{ "id": "2", "type": 0, "allow": "1024", "deny": "2048" }],
    });
    let written = role(OURS, &[ViewChannel], &[SendMessages]);
    let expected = Channel { kind: 0, parent: Some(7), overwrites: vec![written] };
    assert_eq!(super::channel(&json), Some(expected));
}
