//! From what is there and what is asked to what it should be. Pure.

use std::num::{NonZeroU32, NonZeroU64};

use nebulalinks_protocol::{Cap, Client, End, ErrorCode};

use crate::failure::Failure;
use crate::panel::adapter::Edit;
use nebulalinks_protocol::{LARGEST_CAP, LAST_END_MS};

const DAY_MS: u64 = 86_400_000;
const GIB: NonZeroU64 = NonZeroU64::MIN.saturating_add((1 << 30) - 1);

/// A change of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndChange {
    Days(NonZeroU32),
    At(NonZeroU64),
    Never,
}

/// A change of a cap, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CapChange {
    More(NonZeroU64),
    To(NonZeroU64),
    Unlimited,
}

/// The one change of an end that a request asks for.
///
/// # Errors
/// [`ErrorCode::Invalid`] when it is not exactly one.
pub(super) fn one_end(
    days: Option<NonZeroU32>,
    until_ms: Option<NonZeroU64>,
    never: bool,
) -> Result<EndChange, Failure> {
    match (days, until_ms, never) {
        (Some(days), None, false) => Ok(EndChange::Days(days)),
        (None, Some(at), false) => Ok(EndChange::At(at)),
        (None, None, true) => Ok(EndChange::Never),
        _ => Err(invalid("say exactly one of `days`, `until_ms` and `never_ends: true`")),
    }
}

/// The one change of a cap that a request asks for.
///
/// # Errors
/// [`ErrorCode::Invalid`] when it is not exactly one, or too large.
pub(super) fn one_cap(
    add_gib: Option<NonZeroU64>,
    add_bytes: Option<NonZeroU64>,
    cap_gib: Option<NonZeroU64>,
    cap_bytes: Option<NonZeroU64>,
    unlimited: bool,
) -> Result<CapChange, Failure> {
    let gib = |n: Option<NonZeroU64>| n.map(|n| n.saturating_mul(GIB));
    let asked = [
        gib(add_gib).or(add_bytes).map(CapChange::More),
        gib(cap_gib).or(cap_bytes).map(CapChange::To),
        unlimited.then_some(CapChange::Unlimited),
    ];
    let said = [add_gib, add_bytes, cap_gib, cap_bytes].iter().flatten().count();
    match asked.into_iter().flatten().next() {
        Some(change) if said + usize::from(unlimited) == 1 => Ok(change),
        _ => Err(invalid(
            "say exactly one of `cap_gib`, `cap_bytes` and `unlimited: true`; in add-traffic also \
             `add_gib` or `add_bytes`",
        )),
    }
}

/// The end of a client that is made now.
///
/// # Errors
/// [`ErrorCode::Invalid`] when it has passed or is after the year 9999.
pub(super) fn end_of_new(change: EndChange, now_ms: u64) -> Result<End, Failure> {
    match change {
        EndChange::Never => Ok(End::Never),
        EndChange::At(at) => at_ms(at.get(), now_ms),
        EndChange::Days(days) => at_ms(later(now_ms, days), now_ms),
    }
}

/// What an extension makes of a client.
///
/// # Errors
/// [`ErrorCode::Conflict`] when there is no end to add to, [`ErrorCode::Invalid`].
pub(super) fn extend(
    client: &Client,
    change: EndChange,
    enable: Option<bool>,
    now_ms: u64,
) -> Result<Edit, Failure> {
    let end = match (change, client.end) {
        (EndChange::Days(days), Some(End::AtMs(at))) => {
            at_ms(later(at.get().max(now_ms), days), now_ms)?
        }
        (EndChange::Days(_), Some(End::Never)) => {
            return Err(conflict("the client never ends: there is nothing to add days to"));
        }
        (EndChange::Days(_), None) => {
            return Err(conflict("the client starts at its first use: say `until_ms` instead"));
        }
        (change, _) => end_of_new(change, now_ms)?,
    };
    let edit = Edit { end: Some(end), ..Edit::default() };
    Ok(Edit { enable: on(client, edit, enable, now_ms), ..edit })
}

/// What more traffic, or another cap, makes of a client.
///
/// # Errors
/// [`ErrorCode::Conflict`] when there is no cap to add to or the new one is used up already,
/// [`ErrorCode::Invalid`].
pub(super) fn allow(
    client: &Client,
    change: CapChange,
    enable: Option<bool>,
    now_ms: u64,
) -> Result<Edit, Failure> {
    let cap = match (change, client.cap) {
        (CapChange::Unlimited, _) => Cap::Unlimited,
        (CapChange::To(cap), _) => Cap::Bytes(cap),
        (CapChange::More(more), Cap::Bytes(cap)) => Cap::Bytes(cap.saturating_add(more.get())),
        (CapChange::More(_), Cap::Unlimited) => {
            return Err(conflict("the client has no cap: there is nothing to add to"));
        }
    };
    if matches!(cap, Cap::Bytes(cap) if cap.get() > LARGEST_CAP) {
        return Err(invalid("the cap would be more than 2^62 bytes"));
    }
    if matches!((change, cap), (CapChange::To(_), Cap::Bytes(cap)) if cap.get() <= client.used_bytes)
    {
        return Err(conflict("the client has used that much already: `disable` switches it off"));
    }
    let edit = Edit { cap: Some(cap), ..Edit::default() };
    Ok(Edit { enable: on(client, edit, enable, now_ms), ..edit })
}

/// Whether an edit switches on: when told to; and untold, when the end or the cap had switched the
/// client off and now would not.
fn on(client: &Client, edit: Edit, told: Option<bool>, now_ms: u64) -> Option<bool> {
    let spent = |end: Option<End>, cap: Cap| {
        matches!(end, Some(End::AtMs(at)) if at.get() <= now_ms)
            || matches!(cap, Cap::Bytes(cap) if cap.get() <= client.used_bytes)
    };
    let was = spent(client.end, client.cap);
    let is = spent(edit.end.or(client.end), edit.cap.unwrap_or(client.cap));
    let on = told.unwrap_or(!client.enable && was && !is);
    on.then_some(true)
}

fn later(from_ms: u64, days: NonZeroU32) -> u64 {
    from_ms.saturating_add(u64::from(days.get()).saturating_mul(DAY_MS))
}

fn at_ms(at: u64, now_ms: u64) -> Result<End, Failure> {
    match NonZeroU64::new(at) {
        Some(_) if at <= now_ms => Err(invalid("that end has passed: `disable` switches it off")),
        Some(_) if at > LAST_END_MS => Err(invalid("the end would be after the year 9999")),
        Some(at) => Ok(End::AtMs(at)),
        None => Err(invalid("an end is after 1970")),
    }
}

fn invalid(detail: &str) -> Failure {
    Failure::new(ErrorCode::Invalid, detail)
}

fn conflict(detail: &str) -> Failure {
    Failure::new(ErrorCode::Conflict, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nebulalinks_protocol::Incarnation;

    const NOW: u64 = 1_795_255_200_000;

    fn client(end: Option<End>, cap: Cap, used_bytes: u64, enable: bool) -> Client {
        Client {
            email: "bob".to_owned(),
            uuid: None,
            sub_id: String::new(),
            enable,
            end,
            cap,
            ip_limit: 0,
            comment: String::new(),
            inbounds: vec![1],
            used_bytes,
            incarnation: Incarnation { panel: "p".to_owned(), row: 1, created_at_ms: 0 },
            consistent: true,
            renews: false,
        }
    }

    fn at(ms: u64) -> End {
        End::AtMs(ms.try_into().unwrap())
    }

    fn bytes(n: u64) -> Cap {
        Cap::Bytes(n.try_into().unwrap())
    }

    const TWO_DAYS: EndChange = EndChange::Days(NonZeroU32::new(2).unwrap());

    #[test]
    fn days_are_added_to_the_end_or_to_now_whichever_is_later() {
        let live = client(Some(at(NOW + DAY_MS)), Cap::Unlimited, 0, true);
        let over = client(Some(at(NOW - DAY_MS)), Cap::Unlimited, 0, false);
        let edit = extend(&live, TWO_DAYS, None, NOW).unwrap();
        assert_eq!((edit.end, edit.enable, edit.cap), (Some(at(NOW + 3 * DAY_MS)), None, None));
        let edit = extend(&over, TWO_DAYS, None, NOW).unwrap();
        assert_eq!((edit.end, edit.enable), (Some(at(NOW + 2 * DAY_MS)), Some(true)));
        for endless in [Some(End::Never), None] {
            let client = client(endless, Cap::Unlimited, 0, true);
            let refused = extend(&client, TWO_DAYS, None, NOW).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Conflict);
        }
    }

    #[test]
    fn an_absolute_end_means_the_same_each_time_and_never_the_past() {
        let change = EndChange::At((NOW + 5 * DAY_MS).try_into().unwrap());
        for end in [Some(at(NOW + DAY_MS)), Some(at(NOW + 5 * DAY_MS)), Some(End::Never), None] {
            let edit = extend(&client(end, Cap::Unlimited, 0, true), change, None, NOW).unwrap();
            assert_eq!(edit.end, Some(at(NOW + 5 * DAY_MS)));
        }
        let live = client(Some(End::Never), Cap::Unlimited, 0, true);
        for wrong in [1, NOW, LAST_END_MS + 1, u64::MAX] {
            let change = EndChange::At(wrong.try_into().unwrap());
            let refused = extend(&live, change, None, NOW).unwrap_err();
            assert_eq!(refused.code, ErrorCode::Invalid, "{wrong}");
        }
        let far = EndChange::Days(NonZeroU32::MAX);
        assert_eq!(end_of_new(far, NOW).unwrap_err().code, ErrorCode::Invalid);
    }

    #[test]
    fn a_client_switched_off_by_hand_stays_off_unless_told() {
        let by_hand = client(Some(at(NOW + DAY_MS)), bytes(10), 5, false);
        assert_eq!(extend(&by_hand, TWO_DAYS, None, NOW).unwrap().enable, None);
        assert_eq!(extend(&by_hand, TWO_DAYS, Some(true), NOW).unwrap().enable, Some(true));
        let over = client(Some(at(NOW - 1)), bytes(10), 5, false);
        assert_eq!(extend(&over, TWO_DAYS, None, NOW).unwrap().enable, Some(true));
        assert_eq!(extend(&over, TWO_DAYS, Some(false), NOW).unwrap().enable, None);
        let both = client(Some(at(NOW - 1)), bytes(10), 10, false);
        let still = extend(&both, TWO_DAYS, None, NOW).unwrap().enable;
        assert_eq!(still, None, "its traffic is still used up");
    }

    #[test]
    fn traffic_is_added_to_the_cap_and_a_cap_is_set() {
        let used_up = client(Some(End::Never), bytes(100), 120, false);
        let more = |n: u64| CapChange::More(n.try_into().unwrap());
        let to = |n: u64| CapChange::To(n.try_into().unwrap());
        let edit = allow(&used_up, more(50), None, NOW).unwrap();
        assert_eq!((edit.cap, edit.enable, edit.end), (Some(bytes(150)), Some(true), None));
        let too_little = allow(&used_up, more(20), None, NOW).unwrap();
        assert_eq!((too_little.cap, too_little.enable), (Some(bytes(120)), None));
        assert_eq!(allow(&used_up, to(500), None, NOW).unwrap().cap, Some(bytes(500)));
        let edit = allow(&used_up, CapChange::Unlimited, None, NOW).unwrap();
        assert_eq!(edit.cap, Some(Cap::Unlimited));
        for (change, code) in [
            (to(120), ErrorCode::Conflict),
            (more(u64::MAX), ErrorCode::Invalid),
            (to(LARGEST_CAP + 1), ErrorCode::Invalid),
        ] {
            assert_eq!(allow(&used_up, change, None, NOW).unwrap_err().code, code, "{change:?}");
        }
        let endless = client(None, Cap::Unlimited, 0, true);
        assert_eq!(allow(&endless, more(1), None, NOW).unwrap_err().code, ErrorCode::Conflict);
    }

    #[test]
    fn exactly_one_thing_is_said() {
        let (day, n) = (NonZeroU32::new(1), NonZeroU64::new(3));
        assert!(one_end(None, None, false).is_err() && one_end(day, n, false).is_err());
        assert!(one_end(day, None, true).is_err() && one_end(None, n, true).is_err());
        let gib = |n: u64| NonZeroU64::new(n << 30).unwrap();
        assert_eq!(one_cap(n, None, None, None, false).unwrap(), CapChange::More(gib(3)));
        assert_eq!(one_cap(None, None, n, None, false).unwrap(), CapChange::To(gib(3)));
        assert_eq!(one_cap(None, n, None, None, false).unwrap(), CapChange::More(n.unwrap()));
        for wrong in [
            one_cap(None, None, None, None, false),
            one_cap(n, n, None, None, false),
            one_cap(None, None, n, n, false),
            one_cap(n, None, n, None, false),
            one_cap(None, n, None, None, true),
        ] {
            assert_eq!(wrong.unwrap_err().code, ErrorCode::Invalid);
        }
    }
}
