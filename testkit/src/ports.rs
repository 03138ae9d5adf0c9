//! Ports for a test's own services.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below those that the machine gives to outgoing connections (from 32,768 on Linux), so that none of
/// these takes one before its service listens; and above those that the sandbox takes by itself.
const FIRST: u16 = 29_000;
const HOW_MANY: u16 = 3_000;

static TAKEN: AtomicU16 = AtomicU16::new(0);

/// Ports of 127.0.0.1 that nobody listens on, and that no other test of this process gets.
#[must_use]
pub fn free_ports<const N: usize>() -> [u16; N] {
    // Test programs that run side by side begin at other places.
    let own = u16::try_from(std::process::id() % u32::from(HOW_MANY)).unwrap();
    let mut next = || {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        assert!(taken < HOW_MANY, "no port is free on 127.0.0.1");
        FIRST + (own + taken) % HOW_MANY
    };
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    [(); N].map(|()| std::iter::repeat_with(&mut next).find(free).unwrap())
}
