//! What the sandbox prints. Whoever reads it may stop reading (`| head`); that is no failure.

use std::fmt::Arguments;
use std::io::Write as _;

/// A line on standard output, as `println!` without its panic.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::say::line(format_args!($($words)*))
    };
}

/// A line on standard error, as `eprintln!` without its panic.
macro_rules! complain {
    ($($words:tt)*) => {
        $crate::say::error(format_args!($($words)*))
    };
}

pub(crate) fn line(words: Arguments<'_>) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

pub(crate) fn error(words: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
