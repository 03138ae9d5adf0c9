//! Keys have roles, live in pairs of two at most, and show themselves nowhere.

use nebulalinks_protocol::keys::{KeyError, generate_master};
use nebulalinks_protocol::{Key, KeyPair, KeySet, MasterKey, Role};
use secrecy::ExposeSecret as _;

fn pair(n: u8) -> KeyPair {
    KeyPair { request: Key::new([n; 32]), response: Key::new([n + 100; 32]) }
}

fn ids(set: &KeySet) -> Vec<(Role, String)> {
    set.pairs().map(|(role, pair)| (role, pair.request.id().to_owned())).collect()
}

fn lines(role: &str, n: u8) -> String {
    let hex = |n: u8| format!("{n:02x}").repeat(32);
    format!("{role}request={}\n{role}response={}\n", hex(n), hex(n + 100))
}

#[test]
fn a_file_holds_the_pairs_of_both_roles_in_any_order() {
    let text =
        lines("script-", 1) + &lines("", 2) + "# next\n" + &lines("script-", 3) + &lines("", 4);
    let set = KeySet::parse(&text).unwrap();
    assert_eq!(set.first(Role::Controller).unwrap().request.id(), pair(2).request.id());
    assert_eq!(set.first(Role::Scripts).unwrap().request.id(), pair(1).request.id());
    let (role, found) = set.find(pair(3).request.id()).unwrap();
    assert_eq!((role, found.response.id()), (Role::Scripts, pair(3).response.id()));
    assert!(set.find(pair(3).response.id()).is_none(), "a response key asks for nothing");
    let again = KeySet::parse(set.text().expose_secret()).unwrap();
    assert_eq!(ids(&again), ids(&set));
    assert!(KeySet::parse(&lines("script-", 1)).is_ok(), "a script's own file");
}

#[test]
fn a_role_has_two_pairs_at_most_and_no_key_serves_twice() {
    for (text, error) in [
        (lines("", 1) + &lines("", 2) + &lines("", 3), KeyError::Pairs),
        (lines("script-", 1) + &lines("script-", 2) + &lines("script-", 3), KeyError::Pairs),
        (lines("", 1) + &lines("script-", 1), KeyError::Same),
        (lines("script-", 1).replace("script-response", "response"), KeyError::Pairs),
        (lines("", 1).replace("request", "admin-request"), KeyError::Line(1)),
    ] {
        assert_eq!(KeySet::parse(&text).unwrap_err(), error, "{text}");
    }
}

#[test]
fn pairs_are_added_promoted_and_removed_but_never_the_last() {
    let mut set = KeySet::one(pair(1));
    set.add(Role::Scripts, pair(5)).unwrap();
    set.add(Role::Controller, pair(2)).unwrap();
    assert_eq!(set.add(Role::Controller, pair(3)), Err(KeyError::Pairs));
    assert_eq!(set.add(Role::Scripts, pair(2)), Err(KeyError::Same));
    set.promote(pair(2).request.id());
    assert_eq!(set.first(Role::Controller).unwrap().request.id(), pair(2).request.id());
    assert_eq!(set.first(Role::Scripts).unwrap().request.id(), pair(5).request.id());
    assert!(set.remove(pair(1).request.id()) && !set.remove(pair(1).request.id()));
    assert!(set.remove(pair(5).request.id()));
    assert!(!set.remove(pair(2).request.id()), "the last one stays");
}

#[test]
fn no_derived_key_is_another_servers_or_another_roles() {
    let master = MasterKey::new([7; 32]);
    let servers = ["fra-1", "script-fra-1", "request|fra-1", "script", "", "|", "script-request|a"];
    let mut seen = std::collections::BTreeSet::new();
    for server in servers {
        for role in Role::ALL {
            let pair = master.derive_for(role, server);
            assert!(seen.insert(pair.request.id().to_owned()), "{role:?} {server}");
            assert!(seen.insert(pair.response.id().to_owned()), "{role:?} {server}");
        }
    }
    assert_eq!(seen.len(), servers.len() * 4);
    assert_eq!(
        master.derive("fra-1").request.id(),
        master.derive_for(Role::Controller, "fra-1").request.id()
    );
}

#[test]
fn nothing_that_holds_a_key_shows_it() {
    let bytes = [0xab; 32];
    let text = generate_master(bytes);
    assert_eq!(text.expose_secret(), "ab".repeat(32));
    let master = MasterKey::new(bytes);
    let mut set = KeySet::one(KeyPair { request: Key::new(bytes), response: Key::new([0xcd; 32]) });
    set.add(Role::Scripts, pair(5)).unwrap();
    let shown = format!("{:?} {master:?} {set:?} {:?} {text:?}", Key::new(bytes), set.text());
    let forms = ["abab", "cdcd", "0505", "171, 171", "q6ur"];
    for secret in forms {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    assert!(shown.contains(Key::new(bytes).id()), "a key is known by its id");
}
