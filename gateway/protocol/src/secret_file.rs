//! What a file that holds a secret may be: how large, and who may read it. Both sides of the wire
//! judge alike; each reads for itself, since nothing here does I/O.

/// The most bytes of a file that holds a key, a token, a password or a private key.
pub const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Why a file of this Unix mode may not hold a secret, with the command that mends it; `None` when
/// only its owner can change it and nobody beside its owner and group can read it.
#[must_use]
pub fn open_to_others(path: &str, mode: u32) -> Option<String> {
    let open = if mode & 0o007 != 0 {
        "others on this machine can use it"
    } else if mode & 0o020 != 0 {
        "its group can change it"
    } else {
        return None;
    };
    Some(format!("{open} (mode {:04o}): `chmod 0400 {path}`", mode & 0o7777))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_and_readers_of_the_group_may_have_a_secret() {
        for good in [0o400, 0o600, 0o440, 0o640, 0o100_400] {
            assert_eq!(open_to_others("/k", good), None, "{good:o}");
        }
        for bad in [0o404, 0o644, 0o444, 0o777, 0o402, 0o401, 0o460, 0o620] {
            let said = open_to_others("/k/fra-1", bad).unwrap();
            assert!(said.ends_with(": `chmod 0400 /k/fra-1`"), "{said}");
        }
        let said = open_to_others("/k", 0o100_644).unwrap();
        assert!(said.contains("(mode 0644)"), "{said}");
    }
}
