//! The list of 10,000 clients through the gateway, and from the panel itself.

use crate::figures::Row;
use crate::parts::child::Child;
use crate::parts::measure::Bench;
use crate::parts::panel;

pub(crate) async fn rows() -> Vec<Row> {
    let (target, _panel) = panel::model(10_000).await;
    let gateway = Child::start("gateway", &target).await;
    let (through, direct) = Bench::new(&target, &gateway).median_lists().await;
    let (through, direct) = (through.as_secs_f64() * 1e3, direct.as_secs_f64() * 1e3);
    let row = Row::new("list of 10,000 clients through the gateway, p50", "ms").ours(through);
    vec![row.beside("from the panel itself", direct).at_most(1.08 * direct)]
}
