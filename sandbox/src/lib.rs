//! Model panels, a Discord emulator, scenarios, and the whole system on one machine.

pub mod panel;
