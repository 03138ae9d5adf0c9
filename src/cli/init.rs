//! `nebulalinks init`: a new, empty store. The only way to one.

use super::out;
use crate::config::Places;
use crate::store::{OpenOptions, SledStore};

/// Makes the store, and says what comes next.
pub(super) fn init(places: &Places) -> Result<(), String> {
    SledStore::init(&OpenOptions::at(&places.state)).map_err(|error| error.to_string())?;
    out::print(&format!(
        "{}: a new, empty store. Back it up from the first sale on: `nebulalinks backup --verify`\n",
        places.state.display()
    ))
}
