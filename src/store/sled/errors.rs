//! What sled's errors and panics mean for an open: damage, or the machine.

use super::OpenError;
use std::panic::catch_unwind;

/// Turns a panic of sled's into an error.
pub(super) fn catch_sled_panic<T>(
    action: impl FnOnce() -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    catch_unwind(std::panic::AssertUnwindSafe(action)).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("it panicked");
        Err(told(said))
    })
}

/// What sled's error means for an open.
pub(super) fn damaged(error: ::sled::Error) -> OpenError {
    match error {
        ::sled::Error::Io(source) if source.raw_os_error().is_some_and(of_the_machine) => {
            OpenError::Io { what: "read or write the store", source }
        }
        other => told(&other.to_string()),
    }
}

/// Whether an error number tells of the machine (no memory, no room, no right, a failing disk) and
/// not of what is in the file.
fn of_the_machine(number: i32) -> bool {
    // EPERM EINTR EIO EAGAIN ENOMEM EACCES EBUSY ENFILE EMFILE ENOSPC EROFS EDQUOT
    [1, 4, 5, 11, 12, 13, 16, 23, 24, 28, 30, 122].contains(&number)
}

/// What sled said, sorted by whether it is about the machine. Its own error type forgets the
/// number when it is cloned, and its panics carry only a text.
fn told(said: &str) -> OpenError {
    let number = ["os error ", "code: "].iter().find_map(|mark| {
        let (_, rest) = said.split_once(mark)?;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    });
    match number {
        Some(number) if of_the_machine(number) => OpenError::Io {
            what: "read or write the store",
            source: std::io::Error::from_raw_os_error(number),
        },
        _ => OpenError::Damaged { detail: said.to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_memory_is_no_damage() {
        let memory = std::io::Error::from_raw_os_error(12);
        for said in [
            format!("called `Result::unwrap()` on an `Err` value: {memory:?}"),
            format!("failed to spawn thread: {memory}"),
        ] {
            match told(&said) {
                OpenError::Io { source, .. } => assert_eq!(source.raw_os_error(), Some(12)),
                other => panic!("{said}: {other}"),
            }
        }
        let cloned = ::sled::Error::Io(memory).clone();
        assert!(matches!(damaged(cloned), OpenError::Io { .. }));
        // A number in the file that leads to a place where nothing can be is damage.
        for said in ["os error 22", "index 4 out of range", "corrupted at code: x"] {
            assert!(matches!(told(said), OpenError::Damaged { .. }), "{said}");
        }
    }
}
