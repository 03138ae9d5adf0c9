//! What the running shop answers, as tables for people.

mod account;
mod adoptable;
mod customer;
mod doctor;
mod explain;
mod happened;
mod lists;
mod order;
mod plan;
mod revenue;
mod server;
mod table;
mod times;
mod view;

pub(super) use account::account;
pub(super) use adoptable::adoptable;
pub(super) use customer::customer;
pub(super) use doctor::{doctor, fsck};
pub(super) use explain::{agreement, explain};
pub(super) use happened::{audit, events};
pub(super) use lists::{
    List, accounts, broadcasts, customers, due, orders, passes, plans, promos, servers, sort_by,
    tickets,
};
pub(super) use order::order;
pub(super) use plan::plan;
pub(super) use revenue::revenue;
pub(super) use server::server;
pub(super) use table::{plain, printable};
pub(super) use times::absolute;
pub(super) use view::View;
