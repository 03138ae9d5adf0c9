//! Whose a client is, and what a new one may be called.

use nebulalinks_protocol::{CLIENT_MARK, ErrorCode};

use crate::failure::Failure;

/// The longest name that is looked up, in bytes.
const LONGEST: usize = 255;

/// Checks the name of a client that a script wants to make.
///
/// # Errors
/// [`ErrorCode::Conflict`] for a name of the shop's, [`ErrorCode::Invalid`].
pub(super) fn new_foreign(email: &str) -> Result<(), Failure> {
    if is_marked(email) {
        let detail = "names that begin with `nl-` are the shop's: choose another. What the shop \
                      sells is ordered in Discord; `nebulalinks describe account ID` shows it";
        return Err(Failure::new(ErrorCode::Conflict, detail));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"@.-_+".contains(&b);
    if is_step(email) || !(1..=64).contains(&email.len()) || !email.bytes().all(allowed) {
        let detail = "a new client's name is 1 to 64 of a-z A-Z 0-9 @ . - _ +, and not `.` or `..`";
        return Err(Failure::new(ErrorCode::Invalid, detail));
    }
    Ok(())
}

/// Checks the name of a client that a script wants to change: what somebody made by hand may be
/// called nearly anything.
///
/// # Errors
/// [`ErrorCode::Conflict`] for a client of the shop, [`ErrorCode::Invalid`].
pub(super) fn existing_foreign(email: &str) -> Result<(), Failure> {
    if is_marked(email) {
        let detail = "this client is the shop's, and its controller alone writes it. \
                      `nebulalinks describe account ID`, with the last part of the name as ID, shows what \
                      was sold and what it waits for; what is to change is changed in Discord";
        return Err(Failure::new(ErrorCode::Conflict, detail));
    }
    let bad = |c: char| c.is_control() || c == '/' || c == '\\';
    if is_step(email) || !(1..=LONGEST).contains(&email.len()) || email.contains(bad) {
        let detail = "a client's name is 1 to 255 bytes without / \\ and control characters, and \
                      not `.` or `..`";
        return Err(Failure::new(ErrorCode::Invalid, detail));
    }
    Ok(())
}

/// Names go into paths of the panel, where these two mean another path however they are encoded.
fn is_step(email: &str) -> bool {
    matches!(email, "." | "..")
}

/// Panels compare names without regard to case in some places, and trim them in others.
fn is_marked(email: &str) -> bool {
    email.trim().get(..CLIENT_MARK.len()).is_some_and(|head| head.eq_ignore_ascii_case(CLIENT_MARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_panel_could_take_for_the_shops_is_the_shops() {
        for marked in ["nl-main-01jz8q5v9m3kaaaaaaaaaaaaaa", "NL-x", "Nl-", " nl-a", "\tnl-a"] {
            assert_eq!(new_foreign(marked).unwrap_err().code, ErrorCode::Conflict, "{marked}");
            assert_eq!(existing_foreign(marked).unwrap_err().code, ErrorCode::Conflict);
        }
        for free in ["nl", "nlx", "anl-b", "n", "bob"] {
            assert!(new_foreign(free).is_ok() && existing_foreign(free).is_ok(), "{free}");
        }
    }

    #[test]
    fn a_new_name_is_plain_and_an_old_one_only_harmless() {
        for good in ["bob", "Bob.2@example.com", "a+b_c-d", &"x".repeat(64)] {
            assert!(new_foreign(good).is_ok(), "{good}");
        }
        for old in ["две слова", "a b", "a%b", "a?b#c", &"x".repeat(255)] {
            assert_eq!(new_foreign(old).unwrap_err().code, ErrorCode::Invalid, "{old}");
            assert!(existing_foreign(old).is_ok(), "{old}");
        }
        for step in [".", ".."] {
            assert_eq!(new_foreign(step).unwrap_err().code, ErrorCode::Invalid, "{step}");
        }
        for bad in ["", ".", "..", "a/b", "..\\b", "a\nb", "a\0", &"x".repeat(256)] {
            assert_eq!(existing_foreign(bad).unwrap_err().code, ErrorCode::Invalid, "{bad:?}");
        }
    }
}
