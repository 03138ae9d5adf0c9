//! What a shop's server lacks where people talk to us: channels, permissions, roles. A front looks, and says
//! it in these words; for staff it is drawn by [`Pages::setup`](super::Pages::setup), for `doctor` by
//! [`SetupProblem::said`].

use super::Texts;

/// A channel of the shop, by its key in `shop.yaml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SetupPlace {
    /// Where customers choose a plan.
    Store,
    /// Below which each order and ticket gets its thread.
    Orders,
    /// A category in which orders get channels.
    Category,
    /// Where staff decide.
    Review,
    /// Where staff read the shop in numbers.
    Stats,
    /// Where staff are told what needs a person.
    Alerts,
}

impl SetupPlace {
    /// All, in the order in which they are said.
    pub const ALL: [Self; 6] =
        [Self::Store, Self::Orders, Self::Category, Self::Review, Self::Stats, Self::Alerts];

    /// Its key below `discord.channels`, or below `orders`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Orders => "orders",
            Self::Category => "categories",
            Self::Review => "review",
            Self::Stats => "stats",
            Self::Alerts => "alerts",
        }
    }

    /// Whether staff alone should see it.
    #[must_use]
    pub const fn is_for_staff(self) -> bool {
        matches!(self, Self::Review | Self::Stats | Self::Alerts)
    }
}

/// What the bot must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    /// To see the channel.
    ViewChannel,
    /// To make a channel for an order, and to delete it.
    ManageChannels,
    /// To write there.
    SendMessages,
    /// To attach proofs of payment.
    AttachFiles,
    /// To find a message again.
    ReadHistory,
    /// To open an order's thread.
    CreatePrivateThreads,
    /// To write in it.
    SendInThreads,
    /// To find it again, and to close it.
    ManageThreads,
    /// To call roles that not everybody may mention.
    MentionRoles,
}

impl Permission {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::ViewChannel,
        Self::ManageChannels,
        Self::SendMessages,
        Self::AttachFiles,
        Self::ReadHistory,
        Self::CreatePrivateThreads,
        Self::SendInThreads,
        Self::ManageThreads,
        Self::MentionRoles,
    ];

    /// Its name in the front's own settings.
    fn name(self, t: &Texts) -> String {
        match self {
            Self::ViewChannel => t.setup_may_view_channel(),
            Self::ManageChannels => t.setup_may_manage_channels(),
            Self::SendMessages => t.setup_may_send_messages(),
            Self::AttachFiles => t.setup_may_attach_files(),
            Self::ReadHistory => t.setup_may_read_history(),
            Self::CreatePrivateThreads => t.setup_may_private_threads(),
            Self::SendInThreads => t.setup_may_send_in_threads(),
            Self::ManageThreads => t.setup_may_manage_threads(),
            Self::MentionRoles => t.setup_may_mention_roles(),
        }
    }
}

/// Something that is not as the shop needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetupProblem {
    /// The bot is no member of the server of this id.
    NoServer(u64),
    /// There is no channel of this id.
    NoChannel(SetupPlace, u64),
    /// The channel is not of a kind that can be what it is to be.
    WrongKind(SetupPlace, u64),
    /// The bot lacks permissions in the channel.
    Lacks(SetupPlace, u64, Vec<Permission>),
    /// Everybody sees a channel that is for staff.
    Public(SetupPlace, u64),
    /// The message that is kept there is gone, or was never taken.
    NoMessage(SetupPlace, u64),
    /// There is no role of this id, which the file names under this key.
    NoRole(&'static str, u64),
    /// What customers post is not read though the shop wants it.
    Unread,
    /// The commands were not taken since they changed.
    NoCommands,
}

/// What was found of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setup {
    /// It could not be looked at.
    Unknown,
    /// It was: with the channels that were looked at, and what is not as it should be.
    Looked(Vec<(SetupPlace, u64)>, Vec<SetupProblem>),
}

impl SetupProblem {
    /// What it is, and what mends it.
    #[must_use]
    pub fn said(&self, t: &Texts) -> (String, String) {
        let channel = |id: &u64| format!("<#{id}>");
        match self {
            Self::NoServer(id) => (t.setup_no_server(id.to_string()), t.setup_no_server_mend()),
            Self::NoChannel(place, id) => (
                t.setup_no_channel(place.key(), id.to_string()),
                match place {
                    SetupPlace::Category => t.setup_category_mend(),
                    _ => t.setup_no_channel_mend(place.key()),
                },
            ),
            Self::WrongKind(place, id) => (
                t.setup_wrong_kind(place.key(), channel(id)),
                match place {
                    SetupPlace::Category => t.setup_category_mend(),
                    _ => t.setup_wrong_kind_mend(place.key()),
                },
            ),
            Self::Lacks(place, id, permissions) => {
                let names: Vec<String> = permissions.iter().map(|p| p.name(t)).collect();
                (
                    t.setup_lacks(place.key(), channel(id)),
                    t.setup_lacks_mend(channel(id), names.join(", ")),
                )
            }
            Self::Public(place, id) => {
                (t.setup_public(place.key(), channel(id)), t.setup_public_mend(channel(id)))
            }
            Self::NoMessage(place, id) => {
                (t.setup_no_message(place.key(), channel(id)), t.setup_no_message_mend())
            }
            Self::NoRole(key, id) => {
                (t.setup_no_role(*key, id.to_string()), t.setup_no_role_mend(*key))
            }
            Self::Unread => (t.setup_unread(), t.setup_unread_mend()),
            Self::NoCommands => (t.setup_no_commands(), t.setup_no_commands_mend()),
        }
    }

    /// The place that it is about, where it is about one.
    #[must_use]
    pub const fn place(&self) -> Option<SetupPlace> {
        match self {
            Self::NoChannel(place, _)
            | Self::WrongKind(place, _)
            | Self::Lacks(place, ..)
            | Self::Public(place, _)
            | Self::NoMessage(place, _) => Some(*place),
            Self::NoServer(_) | Self::NoRole(..) | Self::Unread | Self::NoCommands => None,
        }
    }
}
