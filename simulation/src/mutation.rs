//! Mutations: what is wrong on purpose, planted through a port. A monitor that misses its own is blind.

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Nothing.
    None,
    /// P1: a write is believed without being sent.
    BelievesUnsentWrites,
    /// P2: a client is written in a way that never agrees.
    NeverSatisfied,
    /// P3: a client is made on a second server too.
    MakesTwo,
    /// P3: a client that a backup brought back is not reported.
    HidesOrphans,
    /// P4: an approval adds its term twice.
    DoublesTerms,
    /// P4: a trial is known by its account, and not by whose it is.
    ForgetsTrials,
    /// P6: a trial lasts twice as long as its plan says.
    LengthensTrials,
    /// P5: a client is made for an account whose approval is not durable.
    ActsOnNothing,
    /// P6: an end is written one hour too late.
    EndsTooLate,
    /// P6: a cap is written a gibibyte too high.
    CapsTooHigh,
    /// P6: a term is shortened after it was sold.
    ShortensTerms,
    /// P6: what was taken back since it was planned is sent.
    SendsWhatWasTakenBack,
    /// P7: an active client is written as off.
    DisablesActive,
    /// P7: whoever moves is switched off where it was before it is made anywhere else.
    LeavesAtOnce,
    /// P8: nobody is switched off.
    NeverDisables,
    /// P8: nobody is said to be connected whose session outlived the cut-off.
    NeverSaysStillConnected,
    /// P8: that Xray was started anew is not written down.
    RestartsTwice,
    /// P8: Xray is started anew at any hour.
    RestartsAtAnyHour,
    /// P9: somebody else's client is written.
    WritesForeign,
    /// P9: a client is switched off as it is given back.
    SwitchesOffReleased,
    /// P12: a gateway takes writes with an old fence.
    IgnoresFences,
    /// P12: a gateway takes writes whose signature has expired.
    IgnoresExpiry,
    /// P13: the store answers before it is durable.
    AnswersEarly,
    /// P14: a ledger is counted twice.
    CountsTwice,
    /// P14: a ledger falls.
    LetsUsageFall,
    /// P14: what flows is not added to its ledger.
    ForgetsUsage,
    /// P18: review cards are reported as posted and are not.
    LosesCards,
    /// P18: the threads of orders are reported as made and are not.
    LosesThreads,
    /// P17: every clock is believed.
    TrustsAnyClock,
    /// P17: servers that agree count as somebody who vouches.
    TakesServersForWitnesses,
    /// P8: a doubt about the clock does not end.
    DoubtsForEver,
    /// P17: a server whose clock is off is not known by it.
    IgnoresOddClocks,
    /// P15: histories are compared by their revision alone.
    ComparesByNumber,
    /// P15: a gateway remembers one store.
    RemembersOneStore,
    /// P15: a write does not say where its store's history stands.
    WritesTellNothing,
    /// P15: what was let through unexplained is not written down.
    ForgetsItsBudget,
    /// P20: after a rotation the old credentials are written on.
    KeepsOldKeys,
    /// P20: who has ended gets no tombstone.
    KeepsPlaces,
    /// P20: places that were promised are given away.
    Oversells,
    /// P20: each proof begins the review anew.
    RestartsReviews,
    /// P14: what was used beyond an allowance is noted anew at each list.
    ForgivesAnew,
    /// P4: an outage is made up for again and again.
    CompensatesOnAndOn,
    /// P18: an inbound that is off is nothing of its accounts'.
    IgnoresOutages,
    /// P18: an Xray that was down at the last look counts as running.
    ForgetsTheLastLook,
    /// P1: a login that was refused once is not tried again.
    GivesUpLogins,
    /// P8: a panel that did not answer for a day is not asked again.
    GivesUpPanels,
    /// P18: what Discord refused once is not tried again.
    GivesUpSurfaces,
    /// P18: what Discord refuses is tried again at once.
    HammersAtRefusals,
    /// P10: a file that was emptied is an empty list.
    EmptyIsAnEmptyList,
    /// P10: the last good files are forgotten at a restart.
    ForgetsTheLastGood,
    /// P11: the guard's budget has no end.
    IgnoresTheBudget,
    /// P11: what is held holds up everything else.
    HoldsEverything,
    /// P11: a list that lacks an inbound is taken for a full one.
    TakesPartialForFull,
    /// P11: who is missing from one list is made again.
    RefillsAtOnce,
    /// P11: a panel of another identity is filled.
    FillsStrangers,
    /// P11: a gateway does not compare which panel a write was decided for.
    IgnoresIdentity,
    /// P16: all servers share one small lane.
    SharesOneLane,
    /// P21: an address answers from records of a while ago.
    ServesOldServers,
    /// P21: a rotation leaves the address as it was.
    KeepsOldAddress,
    /// P21: whoever is off reads nothing.
    NeverSaysWhy,
    /// P20: an adopted client is looked for by the uuid that its account has now.
    MatchesByPresentUuid,
    /// P22: what was told is not written down.
    ForgetsWhatItTold,
    /// P22: advice goes out at any hour.
    IgnoresQuietHours,
    /// P22: news begin anew with each customer.
    SendsNewsAnew,
    /// P22: after the first customer news are over.
    SkipsCustomers,
    /// P24: the audit names whoever is forgotten.
    KeepsNamesInTheAudit,
    /// P23: an approval that comes again is booked again.
    BooksAgain,
    /// P19: how a write went is not written down.
    DropsOutcomes,
    /// P19: the intent of a write is written down twice.
    DoublesIntents,
    /// P19: a write is sent without its intent.
    SendsUnannounced,
    /// P19: what a crash interrupted is forgotten.
    ForgetsInterrupted,
    /// P19: nobody knows who asked.
    ForgetsWhoAsked,
}
