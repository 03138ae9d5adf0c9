//! What a front offers, as data: pages are drawn for one, and hold what it takes.

/// What the place where people talk to us takes: lengths are characters. Each front has one value of
/// it; pages ask it and never the front's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontProfile {
    /// An order gets a thread of its own, which only its customer and staff read.
    pub private_threads: bool,
    /// Of all texts of one message.
    pub text: usize,
    /// Parts of one message: its texts, pictures, rows, buttons and the frame around them.
    pub components: usize,
    /// Buttons beside each other.
    pub row: usize,
    /// Of a button's label.
    pub label: usize,
    /// Of what a button, a select, a field or a choice sends back.
    pub id: usize,
    /// Of an address that a button leads to.
    pub url: usize,
    /// Choices of a select, and of what may be meant by what somebody types.
    pub choices: usize,
    /// Of a choice's label, and of the line below it.
    pub choice: usize,
    /// Of what a select says before something is picked.
    pub placeholder: usize,
    /// Files of one message.
    pub files: usize,
    /// Bytes of all files of one message.
    pub file_bytes: u64,
    /// Fields of a dialog.
    pub fields: usize,
    /// Files that are chosen in a dialog; 0 where none can be.
    pub chosen_files: usize,
    /// Of a dialog's title, and of the label of each field.
    pub title: usize,
    /// Of what may be typed into one field.
    pub typed: u16,
}

impl FrontProfile {
    /// What bounds nothing: a page that a browser scrolls.
    pub const UNBOUNDED: Self = Self {
        private_threads: false,
        text: usize::MAX,
        components: usize::MAX,
        row: usize::MAX,
        label: usize::MAX,
        id: usize::MAX,
        url: usize::MAX,
        choices: usize::MAX,
        choice: usize::MAX,
        placeholder: usize::MAX,
        files: usize::MAX,
        file_bytes: u64::MAX,
        fields: usize::MAX,
        chosen_files: usize::MAX,
        title: usize::MAX,
        typed: u16::MAX,
    };

    /// So many hundredths of a message's text: what a page keeps for a list, or for one piece of it.
    #[must_use]
    pub const fn part_of_text(&self, percent: usize) -> usize {
        (self.text / 100).saturating_mul(percent)
    }
}
