//! What a command says. Whoever reads it may stop reading (`| head`): that ends the command quietly
//! and is no failure of it.

use std::io::{ErrorKind, Write as _};

/// Prints on standard output, and returns quietly when nobody reads on.
///
/// # Errors
/// When it cannot be written for another reason: a full disk behind `>`.
pub(super) fn print(text: &str) -> Result<(), String> {
    // Colours stay where it is a terminal that wants them.
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Says what went wrong. With nobody to say it to, the exit code still does.
pub(super) fn complain(message: &str) {
    let _ = writeln!(std::io::stderr(), "nebulalinks: {message}");
}
