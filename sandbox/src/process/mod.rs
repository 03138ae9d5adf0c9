//! The processes of the sandbox: itself, started again as a controller or as a gateway.

mod child;
mod signals;
mod supervise;

pub(crate) use child::{ControllerArgs, GatewayArgs, controller, gateway};
pub(crate) use signals::{Signal, own_memory_kib};
pub(crate) use supervise::{Process, Spec};
