//! The commands. Put together in [`crate::cli`] when every part has landed.
