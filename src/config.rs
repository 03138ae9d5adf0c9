//! One small struct per concern, read from flags and the environment by [`crate::cli`].
