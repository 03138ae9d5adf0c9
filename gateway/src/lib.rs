//! Nebulalinks.
