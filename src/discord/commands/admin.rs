//! The options of `/admin`: one for each row of the table of rights.

use super::described::Languages;
use crate::model::StaffNote;
use crate::view::{ExportAsked, ExportKind, Texts};
use serde_json::{Value, json};

/// The most days that are granted at once, and the most characters of a reason.
const MOST_DAYS: u64 = 36_500;
const REASON: u64 = 500;

/// Every group, with its commands.
pub(super) fn options(all: &Languages) -> Value {
    json!([
        all.sub("pending", Texts::command_admin_pending, &[]),
        of_orders(all),
        of_accounts(all),
        of_users(all),
        all.group(
            "plan",
            Texts::command_admin_plans,
            &[
                all.sub("list", Texts::command_admin_plan_list, &[]),
                all.sub(
                    "show",
                    Texts::command_admin_plan_show,
                    &[all.typed("plan", Texts::command_admin_plan_plan, true),]
                ),
            ]
        ),
        all.group(
            "server",
            Texts::command_admin_servers,
            &[
                all.sub("list", Texts::command_admin_server_list, &[]),
                all.sub("show", Texts::command_admin_server_show, &[server(all)]),
            ]
        ),
        all.sub("health", Texts::command_admin_health, &[]),
        all.sub("stats", Texts::command_admin_stats, &[]),
        all.sub("audit", Texts::command_admin_audit, &[]),
        all.sub("broadcast", Texts::command_admin_broadcast, &[]),
        all.sub("setup", Texts::command_admin_setup, &[]),
        export(all),
    ])
}

fn export(all: &Languages) -> Value {
    let choices = |words: Vec<&str>| -> Vec<Value> {
        words.into_iter().map(|word| json!({"name": word, "value": word})).collect()
    };
    let kinds = choices(ExportKind::ALL.map(ExportKind::name).to_vec());
    let formats = choices(ExportAsked::FORMATS.map(|(word, _)| word).to_vec());
    let what = json!({"type": 3, "required": true, "choices": kinds});
    let format = json!({"type": 3, "required": false, "choices": formats});
    let day = || json!({"type": 3, "required": false, "min_length": 10, "max_length": 10});
    all.sub(
        "export",
        Texts::command_admin_export,
        &[
            all.named("what", Texts::command_admin_export_what, what),
            all.named("format", Texts::command_admin_export_format, format),
            all.named("from", Texts::command_admin_export_from, day()),
            all.named("to", Texts::command_admin_export_to, day()),
        ],
    )
}

fn server(all: &Languages) -> Value {
    all.typed("server", Texts::command_admin_server_server, true)
}

fn of_orders(all: &Languages) -> Value {
    let order = || [all.typed("order", Texts::command_admin_order_order, true)];
    all.group(
        "order",
        Texts::command_admin_orders,
        &[
            all.sub("show", Texts::command_admin_order_show, &order()),
            all.sub("approve", Texts::command_admin_order_approve, &order()),
            all.sub("decline", Texts::command_admin_order_decline, &order()),
            all.sub("cancel", Texts::command_admin_order_cancel, &order()),
            all.sub("reverse", Texts::command_admin_order_reverse, &order()),
        ],
    )
}

fn of_accounts(all: &Languages) -> Value {
    let of = |required| all.typed("account", Texts::command_admin_account_account, required);
    let account = || of(true);
    let more = json!({"type": 3, "required": true, "min_length": 1, "max_length": REASON});
    let reason = || all.named("reason", Texts::command_admin_reason, more.clone());
    let days = json!({"type": 4, "required": false, "min_value": 0, "max_value": MOST_DAYS});
    all.group(
        "account",
        Texts::command_admin_accounts,
        &[
            all.sub(
                "show",
                Texts::command_admin_account,
                &[
                    of(false),
                    all.option(6, "customer", Texts::command_admin_account_customer, false),
                ],
            ),
            all.sub("suspend", Texts::command_admin_account_suspend, &[account()]),
            all.sub("resume", Texts::command_admin_account_resume, &[account(), reason()]),
            all.sub(
                "grant",
                Texts::command_admin_account_grant,
                &[
                    account(),
                    reason(),
                    all.named("days", Texts::command_admin_days, days),
                    all.option(3, "traffic", Texts::command_admin_traffic, false),
                ],
            ),
            all.sub("rotate", Texts::command_admin_account_rotate, &[account()]),
            all.sub("move", Texts::command_admin_account_move, &[account(), server(all)]),
        ],
    )
}

fn of_users(all: &Languages) -> Value {
    let name = all.option(3, "name", Texts::command_admin_user_name, true);
    let customer = all.typed("customer", Texts::command_admin_user_customer, true);
    let text = json!({"type": 3, "required": false, "max_length": StaffNote::MOST_CHARS});
    let note = all.named("note", Texts::command_admin_user_note_text, text);
    all.group(
        "user",
        Texts::command_admin_users,
        &[
            all.sub("find", Texts::command_admin_user_find, &[name]),
            all.sub("show", Texts::command_admin_user_show, std::slice::from_ref(&customer)),
            all.sub("note", Texts::command_admin_user_note, &[customer.clone(), note]),
            all.sub("forget", Texts::command_admin_user_forget, &[customer]),
        ],
    )
}
