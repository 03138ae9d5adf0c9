//! Wire types to the model's, and back.

use nebulalinks_protocol as wire;

use crate::model::{
    Bytes, Cap, DesiredClient, End, HistoryPoint, InboundFacts, Incarnation, Lineage,
    ObservedClient, PanelInfo, UnreadableInbound, XrayState,
};
use crate::ports::Precondition;

/// The path of one client.
pub(super) fn client_path(email: &str) -> String {
    format!("/v1/clients/{}", wire::percent_encoded(email))
}

pub(super) fn panel(panel: wire::Panel) -> PanelInfo {
    PanelInfo {
        identity: panel.identity,
        version: panel.version,
        one_inbound: panel.generation == "gen2",
        xray: match panel.xray {
            wire::Xray::Running => XrayState::Running,
            wire::Xray::Stopped => XrayState::Stopped,
            wire::Xray::Error => XrayState::Error,
            wire::Xray::Unknown => XrayState::Unknown,
        },
    }
}

pub(super) fn inbound(inbound: wire::Inbound) -> InboundFacts {
    InboundFacts {
        id: inbound.id,
        remark: inbound.remark,
        protocol: inbound.protocol,
        port: inbound.port,
        listen: inbound.listen,
        share_strategy: inbound.share_strategy,
        share_address: inbound.share_address,
        enable: inbound.enable,
        settings: inbound.settings,
        stream: inbound.stream,
    }
}

pub(super) fn unreadable(inbound: wire::UnreadableInbound) -> UnreadableInbound {
    let wire::UnreadableInbound { id, remark, why } = inbound;
    UnreadableInbound { id, remark, why }
}

pub(super) fn observed(client: wire::Client) -> ObservedClient {
    ObservedClient {
        email: client.email,
        uuid: client.uuid,
        sub_id: client.sub_id,
        enable: client.enable,
        end: client.end.map(|end| match end {
            wire::End::AtMs(at) => End::At(at),
            wire::End::Never => End::Never,
        }),
        cap: match client.cap {
            wire::Cap::Bytes(cap) => Cap::Bytes(cap),
            wire::Cap::Unlimited => Cap::Unlimited,
        },
        ip_limit: client.ip_limit,
        comment: client.comment,
        inbounds: client.inbounds,
        counter: Bytes(client.used_bytes),
        incarnation: Incarnation {
            panel: client.incarnation.panel.into(),
            row: client.incarnation.row,
            created_at: client.incarnation.created_at_ms,
        },
        consistent: client.consistent,
        renews: client.renews,
    }
}

pub(super) const fn expect(before: Precondition) -> wire::Expect {
    match before {
        Precondition::Absent => wire::Expect::Absent,
        Precondition::Uuid(uuid) => wire::Expect::Uuid(uuid),
    }
}

pub(super) fn desired(client: &DesiredClient) -> wire::Desired {
    wire::Desired {
        email: client.email.clone(),
        uuid: client.uuid,
        sub_id: client.sub_id.clone(),
        secret: client.secret.clone(),
        enable: client.enable,
        end: match client.end {
            End::At(at) => wire::End::AtMs(at),
            End::Never => wire::End::Never,
        },
        cap: match client.cap {
            Cap::Bytes(cap) => wire::Cap::Bytes(cap),
            Cap::Unlimited => wire::Cap::Unlimited,
        },
        ip_limit: client.ip_limit,
        comment: client.comment.clone(),
    }
}

pub(super) fn history(point: HistoryPoint) -> wire::HistoryPoint {
    let HistoryPoint { revision, lineage } = point;
    wire::HistoryPoint { revision, lineage: lineage.map(|hash| wire::Lineage(hash.0)) }
}

pub(super) fn seen_history(point: wire::HistoryPoint) -> HistoryPoint {
    let wire::HistoryPoint { revision, lineage } = point;
    HistoryPoint { revision, lineage: lineage.map(|hash| Lineage(hash.0)) }
}
