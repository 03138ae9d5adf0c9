//! The guild as it is before the bot comes.

/// Ids of the guild, its channels and its roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuildLayout {
    /// The id of the only guild.
    pub guild: u64,
    /// The bot's user.
    pub bot: u64,
    /// The bot's application.
    pub application: u64,
    /// Where customers buy; everybody sees it.
    pub store: u64,
    /// Where the orders' private threads hang; everybody sees it.
    pub orders: u64,
    /// Where staff decide; only staff sees it.
    pub review: u64,
    /// Where the numbers are; only staff sees it.
    pub stats: u64,
    /// Where the bot reports trouble; only staff sees it.
    pub alerts: u64,
    /// A category in which the bot may make channels.
    pub category: u64,
    /// The role of owners.
    pub owner: u64,
    /// The role of admins.
    pub admin: u64,
    /// The role of supporters.
    pub support: u64,
}

impl Default for GuildLayout {
    fn default() -> Self {
        const BASE: u64 = 100_000_000_000_000_000;
        Self {
            guild: BASE + 1,
            bot: BASE + 2,
            application: BASE + 3,
            store: BASE + 11,
            orders: BASE + 12,
            review: BASE + 13,
            stats: BASE + 14,
            alerts: BASE + 15,
            category: BASE + 16,
            owner: BASE + 21,
            admin: BASE + 22,
            support: BASE + 23,
        }
    }
}

impl GuildLayout {
    /// The channels by name, with whether only staff sees them.
    pub(crate) const fn channels(&self) -> [(u64, &'static str, bool); 5] {
        [
            (self.store, "store", false),
            (self.orders, "orders", false),
            (self.review, "review", true),
            (self.stats, "stats", true),
            (self.alerts, "alerts", true),
        ]
    }

    /// The role that Discord makes for the bot.
    pub(crate) const fn bot_role(&self) -> u64 {
        self.bot + 1_000
    }

    /// The staff roles by name.
    pub(crate) const fn roles(&self) -> [(u64, &'static str); 3] {
        [(self.owner, "owner"), (self.admin, "admin"), (self.support, "support")]
    }

    /// Whether a role is one of the staff's.
    pub(crate) fn is_staff_role(&self, role: u64) -> bool {
        self.roles().iter().any(|(id, _)| *id == role)
    }
}
