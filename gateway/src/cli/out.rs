//! What a command prints. Whoever reads it may stop reading (`| head`): that ends the command quietly
//! and is no failure of it.

use std::io::{ErrorKind, Write as _};

use nebulalinks_gateway::StartError;

/// Prints on standard output, and returns quietly when nobody reads on.
///
/// # Errors
/// When it cannot be written for another reason: a full disk behind `>`.
pub(super) fn print(bytes: &[u8]) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(StartError::Other(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
