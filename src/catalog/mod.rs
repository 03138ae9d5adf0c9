//! The four files of `desired/`, parsed and validated: a [`Catalog`] with its revision, or every
//! problem with file, line and column. Pure: text in, values out.

mod types;

pub use types::{
    Catalog, ChannelRefs, Delivery, Drift, GuardSettings, Method, MethodLifecycle, Mode,
    OrderSettings, OrderSpace, Plan, PlanLifecycle, Reference, Retention, Roles, Server,
    ServerLifecycle, Shop, Text,
};
