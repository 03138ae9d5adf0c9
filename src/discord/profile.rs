//! What Discord takes.

use crate::view::FrontProfile;

/// Discord, as pages are drawn for it: messages of Components V2, dialogs of fields for text and files.
pub const PROFILE: FrontProfile = FrontProfile {
    private_threads: true,
    text: 4_000,
    components: 40,
    row: 5,
    label: 80,
    id: 100,
    url: 512,
    choices: 25,
    choice: 100,
    placeholder: 150,
    files: 10,
    file_bytes: 10 << 20,
    fields: 5,
    chosen_files: 10,
    title: 45,
    typed: 4_000,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// So the laws of pages, which are drawn for the widest front, hold what Discord takes.
    #[test]
    fn discord_is_the_widest_front_that_pages_are_drawn_for_in_tests() {
        assert_eq!(PROFILE, crate::view::sample::FRONT);
        assert_eq!(PROFILE.chosen_files, super::super::interaction::MOST_CHOSEN);
    }
}
