//! What a command says. Whoever reads it may stop reading (`| head`): that ends the command quietly
//! and is no failure of it.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// Whether standard output is a terminal that shows colours.
pub(super) fn takes_colours() -> bool {
    anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never
}

/// Whether nobody reads standard output any more: the other end of the pipe is closed.
pub(super) fn reader_has_gone() -> bool {
    let out = std::io::stdout();
    let mut looked_at = [PollFd::new(&out, PollFlags::empty())];
    let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
    let gone = PollFlags::ERR | PollFlags::HUP;
    poll(&mut looked_at, Some(&at_once)).is_ok()
        && looked_at.iter().any(|out| out.revents().intersects(gone))
}
